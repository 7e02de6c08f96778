package io.adacache.bench.quality;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.bench.pipeline.Clip;
import io.adacache.bench.pipeline.DemoSettings;
import io.adacache.bench.pipeline.TrainedModel;
import io.adacache.djl.Manifest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** On drawings of what a prompt says, made here once more from the same distances. */
class RecogniserTest {
    private static final int FRAMES = 8;

    /** An object of a scene: where it begins, how it moves in pixels per frame. */
    private record Drawn(String shape, String colour, double radius, double x, double y, double across, double down) {}

    private static Recogniser recogniser(TrainedModel model) {
        return Recogniser.of(DemoSettings.of(Manifest.read(model.copyOut()))).orElseThrow();
    }

    private static void draw(float[] values, World world, int frame, String ground, int pan, List<Drawn> objects) {
        int size = world.size();
        for (int i = 0; i < size * size; i++) {
            int row = i / size;
            int column = i % size;
            for (int colour = 0; colour < 3; colour++) {
                double value = world.brightness(ground, row, column + pan * frame);
                for (Drawn each : objects) {
                    double x = column + 0.5 - each.x - each.across * frame;
                    double y = row + 0.5 - each.y - each.down * frame;
                    double cover = Math.min(1, Math.max(0, 0.5 - World.distance(each.shape, x, y, each.radius)));
                    value += cover * (World.COLOURS.get(each.colour)[colour] - value);
                }
                values[((colour * FRAMES + frame) * size + row) * size + column] = (float) value;
            }
        }
    }

    private static Clip clip(World world, String ground, int pan, List<Drawn> objects) {
        float[] values = new float[3 * FRAMES * world.size() * world.size()];
        for (int frame = 0; frame < FRAMES; frame++) {
            draw(values, world, frame, ground, pan, objects);
        }
        return new Clip(FRAMES, world.size(), world.size(), values);
    }

    @Test
    void theDemoModelsWorld() {
        Recogniser recogniser = recogniser(TrainedModel.DEMO);
        Clip clip = clip(World.FIRST, "checkerboard", 0, List.of(new Drawn("ring", "red", 4.5, 8, 16, 2.2, 0)));
        assertThat(recogniser.share("a small red ring moving fast to the right on a checkerboard", clip))
                .contains(1.0);
        assertThat(recogniser.share("a large red ring moving fast to the left on a checkerboard", clip))
                .contains(4 / 6.0);
        assertThat(recogniser.share("a small blue ring moving fast to the right on a checkerboard", clip))
                .as("of an object that is not there nothing counts")
                .contains(1 / 6.0);
    }

    @Test
    void everyShapeColourAndGround() {
        Recogniser recogniser = recogniser(TrainedModel.JOINT);
        for (String shape : World.SHAPES) {
            for (String colour : World.COLOURS.keySet()) {
                for (String ground : World.PATTERNS) {
                    Clip clip = clip(World.LATER, ground, 0, List.of(new Drawn(shape, colour, 3.3, 8, 11, 0, -0.5)));
                    String prompt = "a " + colour + " " + shape + " moving slowly up on " + ground;
                    assertThat(recogniser.share(prompt, clip)).as(prompt).contains(1.0);
                }
            }
        }
    }

    @Test
    void twoObjectsAndACameraThatMoves() {
        Recogniser recogniser = recogniser(TrainedModel.WAN);
        Clip clip = clip(
                World.LATER,
                "stripes",
                1,
                List.of(
                        new Drawn("square", "green", 3.3, 4, 4, 1.1, 0),
                        new Drawn("circle", "white", 3.3, 11, 11, 0, 0)));
        assertThat(recogniser.share(
                        "a green square moving fast right and a white circle standing still on stripes, the camera panning right",
                        clip))
                .contains(1.0);
        assertThat(recogniser.share(
                        "a green square standing still and a white circle standing still on stripes, the camera panning left",
                        clip))
                .contains(6 / 8.0);
    }

    @Test
    void aCut() {
        float[] values = new float[3 * FRAMES * 16 * 16];
        for (int frame = 0; frame < FRAMES; frame++) {
            Drawn object = frame < 4
                    ? new Drawn("circle", "red", 3.3, 8, 8, 0, 0)
                    : new Drawn("square", "blue", 3.3, 8, 8, 0, 0);
            draw(values, World.LATER, frame, frame < 4 ? "black" : "gray", 0, List.of(object));
        }
        Recogniser recogniser = recogniser(TrainedModel.WAN);
        Clip clip = new Clip(FRAMES, 16, 16, values);
        assertThat(recogniser.share(
                        "a red circle standing still on black then a blue square standing still on gray", clip))
                .contains(1.0);
        assertThat(recogniser
                        .share("a blue square standing still on gray", clip)
                        .orElseThrow())
                .isLessThan(1);
    }

    @Test
    void noiseShowsNearlyNothingAndOtherSizesAreNotJudged() {
        Recogniser recogniser = recogniser(TrainedModel.JOINT);
        Random random = new Random(5);
        float[] values = new float[3 * FRAMES * 16 * 16];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        assertThat(recogniser
                        .share("a red circle moving fast up on stripes", new Clip(FRAMES, 16, 16, values))
                        .orElseThrow())
                .isLessThan(0.5);
        assertThat(recogniser.share("a red circle", new Clip(1, 8, 8, new float[192])))
                .isEqualTo(Optional.empty());
    }

    @Test
    void wordsGoToTheirScenesAndObjects() {
        DemoSettings settings = DemoSettings.of(Manifest.read(TrainedModel.JOINT.copyOut()));
        Words words = Words.of(
                settings.vocabulary(),
                "a red circle moving up and a blue square on stripes with the camera panning left then a white ring on black");
        assertThat(words.scenes()).hasSize(2);
        assertThat(words.scenes().get(0).objects())
                .containsExactly(
                        Map.of(Words.Kind.COLOUR, "red", Words.Kind.SHAPE, "circle", Words.Kind.DIRECTION, "up"),
                        Map.of(Words.Kind.COLOUR, "blue", Words.Kind.SHAPE, "square"));
        assertThat(words.scenes().get(0).background()).isEqualTo("stripes");
        assertThat(words.scenes().get(0).camera()).isEqualTo("left");
        assertThat(words.scenes().get(1).background()).isEqualTo("black");
    }
}
