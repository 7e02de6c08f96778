package io.adacache.djl.instrument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InstrumenterTest {
    private static final String ST = "spatial-attention cross-attention mlp temporal-attention cross-attention mlp";

    @TempDir
    Path folder;

    private InstrumentReport instrument(String name) throws IOException {
        InstrumentOptions.Builder options = InstrumentOptions.builder();
        if (name.contains("frozen")) {
            options.verifyInputs(TracedFiles.file(name.replace("-frozen", "") + ".npz"));
        } else if (name.equals("kind-flagged")) {
            options.verifyInputs(TracedFiles.file("kind-flagged.npz"));
        } else if (name.equals("scripted")) {
            options.verifyInputs(TracedFiles.file("tiny.npz"));
        }
        return Instrumenter.instrument(TracedFiles.file(name + ".pt"), folder.resolve("out.pt"), options.build());
    }

    private static String kinds(InstrumentReport report) {
        return String.join(
                " ",
                report.spine().sites().stream().map(f -> f.site().kind().id()).toList());
    }

    /** Every file is written only if it equals forward bit for bit, whole, site by site, and at other sizes. */
    @ParameterizedTest
    @CsvSource({
        "stdit, 12, '[batch, frames, height, width, text]'",
        "stdit-frozen, 12, '[batch, frames, height, width, text]'",
        "stdit-tuple, 12, '[batch, frames, height, width, text]'",
        "stdit-mask, 6, '[batch, frames, height, width, text]'",
        "inplace, 6, '[batch, frames, height, width, text]'",
        "inplace-frozen, 6, '[batch, frames, height, width, text]'",
        "latte, 11, '[batch, text]'",
        "latte-frozen, 11, '[batch, text]'",
        "latte-wrapped, 6, '[batch, text]'",
        "latte-class, 9, '[batch]'",
        "latte-class-frozen, 9, '[batch]'",
        "joint-pair, 4, '[batch, frames, height, width, text]'",
        "joint-pair-frozen, 4, '[batch, frames, height, width, text]'",
        "joint-stream, 4, '[batch, frames, height, width, text]'",
        "joint-single, 6, '[batch, frames, height, width, text]'",
        "joint-tiny, 6, '[batch, frames, height, width, text]'",
        "latte-class-tiny, 9, '[batch]'",
        "scripted, 4, '[batch, frames, height, width]'",
        "parallel, 3, '[batch, frames, height, width]'",
        "tiny, 2, '[batch, frames, height, width]'",
    })
    void instrumentsAndVerifies(String name, int sites, String dynamic) throws IOException {
        InstrumentReport report = instrument(name);
        assertThat(report.spine().sites()).hasSize(sites);
        assertThat(report.dynamic().toString()).isEqualTo(dynamic);
        assertThat(report.comparisons()).isGreaterThanOrEqualTo(6);
        assertThat(folder.resolve("out.pt")).isRegularFile();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(folder.resolve("out.pt"));
        }
    }

    /** One file for each kind of dataflow of published models: as many sites as the model's code has residual additions. */
    @ParameterizedTest
    @CsvSource({
        "new-memory, joint mlp joint mlp",
        "in-place, joint mlp joint mlp",
        "complex, joint mlp joint mlp",
        "in-float, joint mlp joint mlp",
        "lent-dtype, joint mlp joint mlp",
        "dead-tail, joint mlp joint mlp",
        "refined, joint mlp joint mlp",
        "waiting, joint mlp cross joint mlp cross",
        "split-and-join, joint mlp joint mlp joint mlp",
        "widths, joint mlp joint mlp",
        "packed, joint mlp joint mlp",
        "term, position joint mlp position joint mlp",
        "text-behind, joint mlp joint mlp",
        "history, joint mlp cross joint mlp cross",
        "tokens-first, joint mlp joint mlp",
        "two-lists, joint mlp",
        "flagged, spatial mlp temporal mlp",
    })
    void findsEveryResidualOfEveryKind(String name, String expected) throws IOException {
        Path file = TracedFiles.file("kind-" + name + ".pt");
        SpineReport text = Instrumenter.explain(file);
        assertThat(text.refusal()).isNull();
        InstrumentReport report = instrument("kind-" + name);
        assertThat(kinds(report).replace("-attention", "")).isEqualTo(expected);
        assertThat(text.sites()).hasSameSizeAs(report.spine().sites());
        assertThat(report.dynamic()).contains("batch");
    }

    @Test
    void namesKindsBlocksAndLayout() throws IOException {
        assertThat(kinds(instrument("stdit"))).isEqualTo(ST + " " + ST);
        Files.delete(folder.resolve("out.pt"));
        InstrumentReport latte = instrument("latte");
        assertThat(kinds(latte))
                .isEqualTo("spatial-attention cross-attention mlp position temporal-attention mlp "
                        + "spatial-attention cross-attention mlp temporal-attention mlp");
        assertThat(latte.spine().sites().stream().map(f -> f.site().block()))
                .containsExactly(0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1);
        assertThat(latte.fixed()).containsOnlyKeys("frames", "height", "width").containsEntry("frames", 4);
        Files.delete(folder.resolve("out.pt"));
        InstrumentReport joint = instrument("joint-pair");
        assertThat(kinds(joint)).isEqualTo("joint-attention mlp joint-attention mlp");
        assertThat(joint.manifest()).contains("\"prefix\": \"text\"");
    }

    @Test
    void controlFlowBesideTheSpineIsKept() throws IOException {
        assertThat(kinds(instrument("scripted"))).isEqualTo("joint-attention mlp joint-attention mlp");
    }

    @Test
    void weightsAndForwardStayByteForByte() throws IOException {
        instrument("latte-wrapped");
        Map<String, byte[]> before = TracedFiles.entries(TracedFiles.file("latte-wrapped.pt"));
        Map<String, byte[]> after = TracedFiles.entries(folder.resolve("out.pt"));
        String root = "latte-wrapped/code/__torch__/___torch_mangle_693.py";
        List<String> changed = before.keySet().stream()
                .filter(name -> !java.util.Arrays.equals(before.get(name), after.get(name)))
                .toList();
        assertThat(changed).hasSize(2).allMatch(name -> name.contains("/code/"));
        assertThat(after.keySet()).contains("latte-wrapped/extra/adacache.json");
        String code =
                changed.stream().filter(n -> n.endsWith(".py")).findFirst().orElse(root);
        String old = new String(before.get(code), StandardCharsets.UTF_8);
        String now = new String(after.get(code), StandardCharsets.UTF_8);
        int methods = now.indexOf("  def adacache_site_0");
        assertThat(old).startsWith(now.substring(0, methods));
    }

    @Test
    void rewritesDevicesOnRequest() throws IOException {
        InstrumentOptions options = InstrumentOptions.builder().device("cuda:0").build();
        Instrumenter.instrument(TracedFiles.file("stdit.pt"), folder.resolve("out.pt"), options);
        String code = TracedFiles.entries(folder.resolve("out.pt")).entrySet().stream()
                .filter(e -> e.getKey().endsWith(".py"))
                .map(e -> new String(e.getValue(), StandardCharsets.UTF_8))
                .reduce("", String::concat);
        assertThat(code).contains("torch.device(\"cuda:0\")").doesNotContain("torch.device(\"cpu\")");
    }

    @Test
    void refusesWithTheReason() throws IOException {
        assertRefused("post-norm.pt", InstrumentOptions.ofDefaults(), "goes through torch.layer_norm", "post-norm");
        assertRefused("kind-long-skip.pt", InstrumentOptions.ofDefaults(), "goes through torch.linear", "long skip");
        assertRefused(
                "latte-frozen.pt", InstrumentOptions.ofDefaults(), "give inputs for the verification", "no inputs");
        assertRefused("stdit.npz", InstrumentOptions.ofDefaults(), "no TorchScript archive", "a zip of arrays");
        Path out = folder.resolve("out.pt");
        instrument("tiny");
        assertThatThrownBy(
                        () -> Instrumenter.instrument(out, folder.resolve("again.pt"), InstrumentOptions.ofDefaults()))
                .isInstanceOf(InstrumentException.class)
                .hasMessageContaining("AdaCache-ready already");
        assertThatThrownBy(() -> Instrumenter.instrument(
                        out, out, InstrumentOptions.builder().overwrite(true).build()))
                .hasMessageContaining("never overwritten");
        assertThatThrownBy(() -> instrument("tiny")).hasMessageContaining("exists already");
    }

    /** A name that is not there would otherwise do nothing, and nobody would hear of it. */
    @Test
    void refusesNamesThatAreNotThere() {
        Path out = folder.resolve("named.pt");
        assertThatThrownBy(() -> Instrumenter.instrument(
                        TracedFiles.file("tiny.pt"),
                        out,
                        InstrumentOptions.builder().role("nobody", "text").build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the input 'nobody', but forward takes [x, t]");
        assertThatThrownBy(() -> InstrumentOptions.builder().role("t", "txet"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no role 'txet'");
        assertThatThrownBy(() -> InstrumentOptions.builder().role("t", "latent"))
                .isInstanceOf(IllegalArgumentException.class);
        assertRefused(
                "tiny.pt", InstrumentOptions.builder().framesFrom("nobody:2").build(), "no input nobody", "a latent");
        assertRefused(
                "tiny.pt", InstrumentOptions.builder().framesFrom("x:9").build(), "dimensions 0 to 4", "a dimension");
        assertThat(out).doesNotExist();
    }

    private void assertRefused(String name, InstrumentOptions options, String reason, String what) {
        Path out = folder.resolve("refused.pt");
        assertThatThrownBy(() -> Instrumenter.instrument(TracedFiles.file(name), out, options))
                .as(what)
                .isInstanceOf(InstrumentException.class)
                .hasMessageContaining(reason);
        assertThat(folder).as(what).isEmptyDirectory();
    }

    @Test
    void controlFlowInForwardIsRefused() throws IOException {
        Path edited = TracedFiles.edited(
                TracedFiles.file("tiny.pt"),
                folder,
                "    out = self.out\n",
                "    out = self.out\n    if torch.eq(torch.size(x, 0), 2):\n      pass\n");
        assertThatThrownBy(
                        () -> Instrumenter.instrument(edited, folder.resolve("out.pt"), InstrumentOptions.ofDefaults()))
                .isInstanceOf(InstrumentException.class)
                .hasMessageContaining("control flow")
                .hasMessageContaining("torch.jit.freeze");
    }

    @Test
    void explainsWithoutRunningAnything() throws IOException {
        SpineReport report = Instrumenter.explain(TracedFiles.file("stdit.pt"));
        assertThat(report.understood()).isTrue();
        assertThat(report.text())
                .contains("x: float32 [2, 4, 4, 6, 8]")
                .contains("12 sites")
                .contains("temporal-attention")
                .contains("temporal_blocks.1")
                .contains("device torch.device(\"cpu\")");
        assertThat(report.mermaid()).startsWith("flowchart TD").contains("a11 --> head");
        SpineReport refused = Instrumenter.explain(TracedFiles.file("post-norm.pt"));
        assertThat(refused.understood()).isFalse();
        assertThat(refused.text()).contains("not understood").contains("layer_norm");
    }
}
