package io.adacache.bench.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VocabularyTest {
    private final Vocabulary vocabulary =
            new Vocabulary(List.of("red", "circle", "left"), List.of("a", "to", "the"), 3);

    @Test
    void wordsBecomeTokensAndFillersGo() {
        assertThat(words(vocabulary, "A circle, RED -- to the left!")).containsExactly(1, 0, 2);
    }

    @Test
    void unknownWordsAreOneErrorThatListsTheVocabulary() {
        assertThatThrownBy(() -> vocabulary.tokens("a green circle on the rigth"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "Unknown in the prompt 'a green circle on the rigth': green, on, rigth. This model knows: red, circle,"
                                + " left; it ignores: a, to, the");
    }

    /** The demo model's fillers know "moving" and "standing"; its words "stripes" and "circle". */
    @Test
    void otherFormsOfAWordAreThatWord() {
        Vocabulary demo = new Vocabulary(
                List.of("circle", "ring", "red", "stripes", "slowly", "still"),
                List.of("a", "moving", "standing", "on"),
                6);
        assertThat(demo.tokens("a red circle moves slowly on a stripe"))
                .isEqualTo(demo.tokens("a red circle moving slowly on stripes"));
        assertThat(words(demo, "red circles, moved; rings stand still")).containsExactly(2, 0, 1, 5);
        assertThatThrownBy(() -> demo.tokens("string")).hasMessageContaining("string");
    }

    @Test
    void aSlipOfTheFingerIsGuessed() {
        assertThatThrownBy(() -> vocabulary.tokens("a crcle")).hasMessageContaining("crcle (did you mean 'circle'?)");
    }

    @Test
    void emptyAndLongPromptsAreRefused() {
        assertThatThrownBy(() -> vocabulary.tokens("a, to the")).hasMessageContaining("has 0");
        assertThatThrownBy(() -> vocabulary.tokens("red red red red")).hasMessageContaining("1 to 3 known words");
    }

    private static List<Integer> words(Vocabulary vocabulary, String prompt) {
        return vocabulary.tokens(prompt).stream().map(Vocabulary.Token::word).toList();
    }

    @Test
    void aTokenIsAWordWithItsPartWhereThePartsAreToldApart() {
        Vocabulary told =
                new Vocabulary(List.of("red", "circle", "left"), List.of("a"), 3, Map.of("and", 1, "camera", 2));
        assertThat(told.tokens("a red circle and a circle"))
                .extracting(Vocabulary.Token::part)
                .containsExactly(0, 0, 1);
        assertThat(told.hot(told.tokens("red camera left").get(1))).containsExactly(2, 3 + 2);
        assertThatThrownBy(() -> told.tokens("red circel"))
                .hasMessageEndingWith("it ignores: a; another part begins with: and, camera");
    }

    @Test
    void conditioningIsOneHot() {
        Conditioning conditioning = Conditioning.oneHot(
                List.of(List.of(2), List.of(0)), new float[][] {{9, 8, 7}, {6, 5, 4}, {3, 2, 1}}, 8, 32, 32);
        assertThat(conditioning.text()).containsExactly(0, 0, 1, 1, 0, 0, 0, 0, 0);
        assertThat(conditioning.nothing()).containsExactly(9, 8, 7, 6, 5, 4, 3, 2, 1);
        assertThat(conditioning.mask()).containsExactly(1, 1, 0);
    }
}
