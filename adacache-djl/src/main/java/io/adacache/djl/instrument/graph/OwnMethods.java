package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.FunctionDef;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The methods of a root class, and which of them call which. */
record OwnMethods(Program program, Map<String, FunctionDef> methods) {
    static OwnMethods of(Program program) {
        return new OwnMethods(program, program.rootClass().methods());
    }

    /** Calls of methods on the module itself, which a method may call what it likes. */
    private static Pattern call(String names, FunctionDef method) {
        String self = method.parameters().isEmpty()
                ? "self"
                : method.parameters().get(0).name();
        return Pattern.compile("(\\(" + self + "\\)\\.|\\b" + self + "\\.)(" + names + ")\\(");
    }

    private Set<String> calls(FunctionDef method) {
        Set<String> called = new LinkedHashSet<>();
        Matcher matcher =
                call("\\w+", method).matcher(program.textOf(method.file()).substring(method.start(), method.end()));
        while (matcher.find()) {
            if (methods.containsKey(matcher.group(2))) {
                called.add(matcher.group(2));
            }
        }
        return called;
    }

    /** Those that forward calls, itself included, and those that they call. */
    private Set<String> ofForward() {
        Set<String> reached = new LinkedHashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of("forward"));
        while (!open.isEmpty()) {
            FunctionDef method = methods.get(open.pop());
            if (method != null && reached.add(method.name())) {
                open.addAll(calls(method));
            }
        }
        return reached;
    }

    /** A text of the class in which methods that forward calls have other names than some that are wanted. */
    String renamed(String text, int first, Set<String> wanted) {
        Set<String> taken = ofForward();
        taken.retainAll(wanted);
        if (taken.isEmpty()) {
            return text;
        }
        String names = String.join("|", taken);
        String own = text.substring(first).replaceAll("\\bdef (" + names + ")\\(", "def adacache_own_$1(");
        for (FunctionDef method : methods.values()) {
            own = call(names, method).matcher(own).replaceAll("$1adacache_own_$2(");
        }
        return text.substring(0, first) + own;
    }

    /** The methods of some names that forward does not call, and whatever calls them. */
    List<FunctionDef> replaced(Set<String> names) {
        Set<String> stays = ofForward();
        Set<String> gone = new LinkedHashSet<>(names);
        gone.retainAll(methods.keySet());
        gone.removeAll(stays);
        boolean more = !gone.isEmpty();
        while (more) {
            more = false;
            for (FunctionDef method : methods.values()) {
                boolean calls =
                        !stays.contains(method.name()) && calls(method).stream().anyMatch(gone::contains);
                more |= calls && gone.add(method.name());
            }
        }
        return gone.stream().map(methods::get).toList();
    }
}
