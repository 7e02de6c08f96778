package io.adacache.djl.torture;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adacache.CacheSession;
import io.adacache.djl.ModelFileException;
import io.adacache.djl.TestModels;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.djl.WrongFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Files with one wrong method under many policies: refused with the method's name, or the prediction has the right form. */
final class WrongMethods {
    private static final int STEPS = 6;
    private static final List<String> POLICIES = List.of(
            "adacache-fast-moreg",
            "adacache-fast",
            "none",
            "every-2",
            "adacache-slow",
            "easycache",
            "dbcache",
            "taylorseer",
            "fora",
            "fbcache");
    private static final String EMBEDDED = "Tuple[Tensor, List[Tensor]]";

    /** What may be wrong with a tensor, as an expression of it. */
    private static final Map<String, String> TENSORS = new LinkedHashMap<>();

    static {
        TENSORS.put("double", "torch.to(%s, 7)");
        TENSORS.put("half", "torch.to(%s, 5)");
        TENSORS.put("long", "torch.to(%s, 4)");
        TENSORS.put("bool", "torch.to(%s, 11)");
        TENSORS.put("complex", "torch.to(%s, 9)");
        TENSORS.put("deeper", "torch.unsqueeze(%s, 0)");
        TENSORS.put("flat", "torch.flatten(%s)");
        TENSORS.put("row", "torch.slice(%s, 0, 0, 1)");
        TENSORS.put("shorter", "torch.slice(%s, 1, 1)");
        TENSORS.put("longer", "torch.cat([%s, %s], 1)");
        TENSORS.put("narrower", "torch.slice(%s, -1, 1)");
        TENSORS.put("empty", "torch.slice(%s, 0, 0, 0)");
        TENSORS.put("scalar", "torch.sum(%s)");
        TENSORS.put("sparse", "torch.to_sparse(%s)");
        TENSORS.put("elsewhere", "torch.to(%s, torch.device(\"meta\"), 6)");
    }

    private final Map<String, Function<Path, Path>> files = new LinkedHashMap<>();

    private WrongMethods() {
        TENSORS.forEach((name, expression) -> {
            String hidden = expression.replace("%s", "hidden");
            String out = expression.replace("%s", "out");
            String first = expression.replace("%s", "out[0]");
            String last = expression.replace("%s", "out[-1]");
            add("embed-" + name, t -> WrongFiles.embed(t, EMBEDDED, "    return (" + hidden + ", context)\n"));
            add("run-" + name, t -> WrongFiles.run(t, "List[Tensor]", "    out[0] = " + first + "\n    return out\n"));
            add(
                    "captured-" + name,
                    t -> WrongFiles.run(
                            t,
                            "List[Tensor]",
                            "    if torch.gt(torch.len(out), 1):\n      out[-1] = " + last
                                    + "\n    else:\n      pass\n    return out\n"));
            add("modulated-" + name, t -> WrongFiles.modulated(t, "Tensor", "    return " + hidden + "\n"));
            add("head-" + name, t -> WrongFiles.head(t, "Tensor", "    return " + out + "\n"));
        });
        structures();
    }

    private void structures() {
        add("embed-one", t -> WrongFiles.embed(t, "Tuple[Tensor]", "    return (hidden,)\n"));
        add(
                "embed-three",
                t -> WrongFiles.embed(
                        t, "Tuple[Tensor, List[Tensor], Tensor]", "    return (hidden, context, hidden)\n"));
        add("embed-tensor", t -> WrongFiles.embed(t, "Tensor", "    return hidden\n"));
        add("embed-swapped", t -> WrongFiles.embed(t, "Tuple[List[Tensor], Tensor]", "    return (context, hidden)\n"));
        add(
                "embed-no-context",
                t -> WrongFiles.embed(t, EMBEDDED, "    return (hidden, annotate(List[Tensor], []))\n"));
        add(
                "embed-in-place",
                t -> WrongFiles.embed(t, EMBEDDED, "    _9 = torch.mul_(x, 2)\n    return (hidden, context)\n"));
        add("run-none", t -> WrongFiles.run(t, "List[Tensor]", "    return annotate(List[Tensor], [])\n"));
        add("run-more", t -> WrongFiles.run(t, "List[Tensor]", "    _9 = torch.append(out, hidden)\n    return out\n"));
        add("run-tensor", t -> WrongFiles.run(t, "Tensor", "    return out[0]\n"));
        add("run-tuple", t -> WrongFiles.run(t, "Tuple[Tensor, Tensor]", "    return (out[0], out[0])\n"));
        add(
                "run-raises",
                t -> WrongFiles.run(
                        t,
                        "List[Tensor]",
                        "    ops.prim.RaiseException(\"not today\", \"builtins.ValueError\")\n    return out\n"));
        add("modulated-list", t -> WrongFiles.modulated(t, "List[Tensor]", "    return [hidden]\n"));
        add("head-pair", t -> WrongFiles.head(t, "Tuple[Tensor, Tensor]", "    return (out, out)\n"));
    }

    private void add(String name, Function<Path, Path> file) {
        files.put(name, file);
    }

    /** Arguments: number of policies. */
    public static void main(String[] arguments) throws IOException {
        int policies = Integer.parseInt(arguments[0]);
        Tally tally = new Tally();
        Path folder = Files.createTempDirectory("adacache-wrong");
        Path file = folder.resolve("wrong.pt");
        try {
            for (Map.Entry<String, Function<Path, Path>> wrong : new WrongMethods().files.entrySet()) {
                wrong.getValue().apply(file);
                all(wrong.getKey(), file, POLICIES.subList(0, policies), tally);
            }
        } finally {
            Files.deleteIfExists(file);
            Files.delete(folder);
        }
        tally.print();
    }

    private static void all(String what, Path file, List<String> policies, Tally tally) {
        try (TorchScriptTransformer model =
                TorchScriptTransformer.load(file, Device.cpu(), TorchScriptTransformer.Checks.NONE)) {
            for (String policy : policies) {
                trial(what + " under " + policy, model, policy, tally);
            }
        } catch (ModelFileException e) {
            policies.forEach(policy -> tally.held("refused when loaded"));
        } catch (RuntimeException e) {
            tally.failed(what, e);
        }
    }

    private static void trial(String what, TorchScriptTransformer model, String policy, Tally tally) {
        List<String> problems = new ArrayList<>();
        try (NDManager manager = model.newManager();
                CacheSession<NDArray> session = model.begin(model.policy(policy, STEPS), STEPS)) {
            for (int i = 0; i < STEPS; i++) {
                NDList inputs = TestModels.inputs(TestModels.SMALL, manager, i);
                float[] latent = inputs.get(0).toFloatArray();
                step(session, inputs, problems);
                if (!Arrays.equals(latent, inputs.get(0).toFloatArray())) {
                    problems.add("the caller's latent is changed and nothing is said");
                }
            }
            if (problems.isEmpty()) {
                tally.held("predicted in the right form");
            }
        } catch (ModelFileException | EngineException e) {
            boolean said =
                    e.getMessage().startsWith("wrong.pt: ") && !e.getMessage().contains("Traceback");
            if (said) {
                tally.held("refused in the call");
            } else {
                tally.failed(what, e);
            }
        } catch (RuntimeException e) {
            tally.failed(what, e);
        }
        if (TestModels.live(model) != 0) {
            problems.add(TestModels.live(model) + " arrays left");
        }
        problems.stream().limit(1).forEach(problem -> tally.failed(what + ": " + problem));
    }

    private static void step(CacheSession<NDArray> session, NDList inputs, List<String> problems) {
        NDArray prediction = session.step(inputs);
        boolean form = prediction.getShape().equals(inputs.get(0).getShape())
                && prediction.getDataType() == inputs.get(0).getDataType()
                && prediction.getDevice().equals(Device.cpu());
        if (!form) {
            problems.add("handed out " + prediction.getDataType() + " " + prediction.getShape());
        }
        prediction.close();
    }
}
