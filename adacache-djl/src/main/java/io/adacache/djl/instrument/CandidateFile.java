package io.adacache.djl.instrument;

import io.adacache.djl.archive.Archive;
import io.adacache.djl.archive.ArchiveWriter;
import io.adacache.djl.instrument.graph.Program;
import io.adacache.djl.instrument.graph.Spine;
import io.adacache.djl.instrument.syntax.ClassDef;
import io.adacache.djl.instrument.syntax.FunctionDef;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Writes copies of an archive with methods behind the root class's own.
 *
 * @param wanted the device that the last copy names, or null for the one that was traced
 */
record CandidateFile(
        Archive archive,
        Program program,
        Spine spine,
        @Nullable String wanted) {
    /** A copy; with a manifest it is one that a service can load, and the last one names the wanted device. */
    void write(Path target, String methods, @Nullable UnaryOperator<String> manifest, boolean last) throws IOException {
        ClassDef root = program.rootClass();
        Map<String, byte[]> changed = new LinkedHashMap<>();
        Set<String> dropped = new HashSet<>();
        String device = last ? wanted : tracedElsewhere() ? "cpu" : null;
        program.files().values().forEach(file -> {
            String text = file.name().equals(root.file()) ? withMethods(file.text(), root, methods) : file.text();
            String rewritten = device == null
                    ? text
                    : text.replaceAll("torch\\.device\\(\"[a-z]+(:[0-9]+)?\"\\)", "torch.device(\"" + device + "\")");
            if (!rewritten.equals(file.text())) {
                changed.put(file.name(), rewritten.getBytes(StandardCharsets.UTF_8));
                dropped.add(file.name() + ".debug_pkl");
            }
        });
        if (manifest == null) {
            ArchiveWriter.copy(archive, target, changed, dropped);
        } else {
            ArchiveWriter.copy(archive, target, changed, dropped, manifest);
        }
    }

    /** Whether the code names a GPU; verification runs on the CPU. */
    boolean tracedElsewhere() {
        return spine.baked().keySet().stream().anyMatch(b -> b.startsWith("device torch.device(\"cuda"));
    }

    /**
     * The file's text with the methods behind the root class's own. Forward's text stays as it is, but for calls of own methods whose
     * names the contract takes.
     */
    private String withMethods(String text, ClassDef root, String methods) {
        int at = root.end() < text.length() && text.charAt(root.end()) == '\n' ? root.end() + 1 : root.end();
        String before = text.substring(0, at);
        String behind = (before.endsWith("\n") ? "" : "\n") + methods + text.substring(at);
        List<FunctionDef> replaced = new ArrayList<>(spine.replaced());
        replaced.sort(Comparator.comparingInt(FunctionDef::start).reversed());
        for (FunctionDef method : replaced) {
            int end = Math.min(method.end(), before.length());
            before = before.substring(0, method.start()) + before.substring(end);
        }
        int first = root.methods().values().stream()
                .mapToInt(FunctionDef::start)
                .min()
                .orElse(before.length());
        before = spine.renamed(before, Math.min(first, before.length()));
        return before + behind;
    }
}
