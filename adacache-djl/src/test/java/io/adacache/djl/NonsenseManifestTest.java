package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adacache.djl.archive.Archive;
import io.adacache.djl.manifest.PlainJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Manifests that say something impossible: each is refused with the field, its value and what is expected. */
class NonsenseManifestTest {
    private static Map<String, Object> good() {
        try (Archive archive = Archive.open(TestModels.file(TestModels.OPEN_SORA))) {
            return copy(PlainJson.parse(new String(archive.read(Archive.MANIFEST, 1 << 20), StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, Object> copy(Map<?, ?> map) {
        Map<String, Object> copy = new LinkedHashMap<>();
        map.forEach((key, value) -> copy.put((String) key, any(value)));
        return copy;
    }

    private static Object any(Object value) {
        if (value instanceof Map<?, ?> map) {
            return copy(map);
        }
        if (value instanceof List<?> list) {
            List<Object> copy = new ArrayList<>();
            list.forEach(item -> copy.add(any(item)));
            return copy;
        }
        return value;
    }

    @SuppressWarnings("unchecked")
    private static void put(Object where, String path, Object value) {
        int dot = path.indexOf('.');
        String key = dot < 0 ? path : path.substring(0, dot);
        if (where instanceof List<?> list) {
            int index = Integer.parseInt(key);
            if (dot < 0) {
                ((List<Object>) list).set(index, value);
            } else {
                put(list.get(index), path.substring(dot + 1), value);
            }
        } else if (dot >= 0) {
            put(((Map<String, Object>) where).get(key), path.substring(dot + 1), value);
        } else if ("remove".equals(value)) {
            ((Map<String, Object>) where).remove(key);
        } else {
            ((Map<String, Object>) where).put(key, value);
        }
    }

    private static void assertRefused(Map<String, Object> manifest, String message) {
        assertThatThrownBy(() -> ManifestCodec.read(PlainJson.write(manifest), "The manifest of x.pt"))
                .isInstanceOf(ModelFileException.class)
                .hasMessageStartingWith("The manifest of x.pt ")
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sampling | {\"shift\": \"NaN\"} | 'sampling.shift' = \"NaN\", but expected is a number above 0",
                "sampling | {\"shift\": 0} | 'sampling.shift' = 0, but expected is a number above 0",
                "sampling | {\"sampler\": 3} | 'sampling.sampler' = 3, but expected is the name of a sampler",
                "sampling | {\"guidance-calls\": \"both\"} | expected is one of batched, separate, none",
                "sampling | {\"expert\": \"low\"} | expected is one of high-noise, low-noise",
                "sampling | {\"boundary\": 1.5} | expected is a number from 0 to 1.0",
                "contract | 1.9 | 'contract' = 1.9, but expected is a whole number",
                "contract | \"1\" | 'contract' = \"1\"",
                "contract | 3 | keeps version 3 of the contract, this library reads the versions 1 to 2",
                "contract | remove | lacks 'contract'",
                "family | 7 | 'family' = 7, but expected is text",
                "name | \"\\u001b[31mred\" | 'name' = \"?[31mred\", but expected is text without control characters",
                "dtype | \"float7\" | 'dtype' = \"float7\", but expected is one of float32",
                "parameters | -1 | 'parameters' = -1",
                "hidden.channels | 0 | 'hidden.channels' = 0",
                "hidden.channels | -1 | 'hidden.channels' = -1",
                "hidden.channels | 64.5 | 'hidden.channels' = 64.5",
                "hidden.prefix | -2 | 'hidden.prefix' = -2",
                "hidden.prefix | \"nothing\" | 'hidden.prefix' = \"nothing\", but expected is a number, or a dimension",
                "hidden | [] | 'hidden' = [], but expected is an object",
                "patch.height | -2 | 'patch.height' = -2",
                "patch.height | 2.9 | 'patch.height' = 2.9",
                "patch.frames | 0 | 'patch.frames' = 0",
                "inputs | {} | 'inputs' = {}, but expected is a list",
                "inputs | [] | exactly one input with the role latent, not 0",
                "inputs.1.name | \"x\" | 'inputs[1].name' = \"x\", but expected is a name that no other input has",
                "inputs.1.name | \"a b\" | 'inputs[1].name' = \"a b\"",
                "inputs.1.role | \"latent\" | exactly one input with the role latent, not 2",
                "inputs.0.role | \"picture\" | exactly one input with the role latent, not 0",
                "inputs.0.dtype | \"int64\" | 'inputs[0].dtype' = \"int64\", but expected is a floating-point dtype",
                "inputs.0.dtype | \"bfloat16\" | 'inputs[0].dtype' = \"bfloat16\", but expected is one of",
                "inputs.0.optional | true | 'inputs[0].optional' = true",
                "inputs.0.optional | \"yes\" | 'inputs[0].optional' = \"yes\", but expected is true or false",
                "inputs.0.shape | 5 | 'inputs[0].shape' = 5, but expected is a list",
                "inputs.0.shape.1 | \"channels\" | exactly one number in the latent's shape",
                "inputs.0.shape.2 | 16 | exactly one number in the latent's shape",
                "inputs.0.shape.3 | \"rows\" | the dimension height in the shape of an input, or in sizes",
                "inputs.0.shape.1 | -4 | 'inputs[0].shape[1]' = -4",
                "sizes | {\"frames\": 0} | 'sizes.frames' = 0",
                "prediction.type | \"banana\" | 'prediction.type' = \"banana\", but expected is one of velocity",
                "prediction.channels | [3, 1] | 'prediction.channels' = [3, 1]",
                "prediction.channels | [0] | 'prediction.channels' = [0], but expected is two whole numbers",
                "prediction.channels | [0, 99] | 'prediction.channels' = [0, 99]",
                "prediction.shape.1 | 2 | at least 4 channels at position 1",
                "prediction.shape.2 | \"moments\" | numbers, and dimensions of inputs",
                "sites | [] | 'sites' = [], but expected is a list of at least one site",
                "sites.2.kind | \"attention\" | 'sites[2].kind' = \"attention\", but expected is one of spatial-attention",
                "sites.2.block | -1 | 'sites[2].block' = -1",
                "sites.2 | 5 | 'sites[2]' = 5, but expected is an object",
                "guidance.order | \"both\" | 'guidance.order' = \"both\", but expected is one of conditional-first",
                "guidance.scale | \"7\" | 'guidance.scale' = \"7\", but expected is a number",
                "steps | 0 | 'steps' = 0",
                "steps | 30.5 | 'steps' = 30.5",
                "policies | {\"every-2\": 3} | 'policies.every-2' = 3, but expected is an object",
                "policies | {\"every-2\": {\"n\": 3}} | 'policies.every-2.n' = 3, but expected is text",
                "flops.mlp | {} | 'flops.mlp' = {}, but expected is a list",
                "flops.nothing | [] | no such part",
                "digest | \"abc\" | 'digest' = \"abc\", but expected is 64 hexadecimal digits",
                "config | 3 | 'config' = 3, but expected is an object",
            })
    void refused(String path, String value, String message) {
        Map<String, Object> manifest = good();
        Object read = value.equals("remove")
                ? value
                : PlainJson.parse("{\"value\": " + value + "}").get("value");
        put(manifest, path, any(read));
        assertRefused(manifest, message);
    }

    @Test
    @SuppressWarnings("unchecked")
    void sitesTurnedRound() {
        Map<String, Object> manifest = good();
        Collections.reverse((List<Object>) manifest.get("sites"));
        assertRefused(manifest, "'sites[0].kind' = \"mlp\", but expected is a self-attention or position first");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{ | is cut off",
                "[] | is no JSON object",
                "{} {} | is no JSON",
                "{\"contract\": 1, \"contract\": 1} | names",
                "{\"contract\": 1e999} | too large",
                "{contract: 1} | is no JSON",
                "{\"contract\": NaN} | is no JSON",
            })
    void textThatIsNoJson(String text, String message) {
        assertThatThrownBy(() -> ManifestCodec.read(text, "The manifest of x.pt"))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining(message);
        assertThatThrownBy(() -> ManifestCodec.read("{\"a\":".repeat(100_000), "The manifest of x.pt"))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("deeper");
    }

    @Test
    void whatIsReadIsWrittenAgain() {
        for (String name : List.of("open-sora-xl.json", "latte-class-xl.json", "joint-tiny.pt", "wan-tiny.pt")) {
            Manifest manifest = Manifest.read(TestModels.file(name));
            assertThat(ManifestCodec.read(manifest.json(), name)).isEqualTo(manifest);
        }
    }
}
