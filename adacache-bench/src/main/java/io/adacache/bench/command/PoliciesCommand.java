package io.adacache.bench.command;

import io.adacache.Policies;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.Setting;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says which policies there are, and what their settings do. */
@Command(
        name = "policies",
        mixinStandardHelpOptions = true,
        description =
                "Lists the policies, those of jars on the class path included; with a name, its settings, their defaults and"
                        + " what they do.")
public final class PoliciesCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "a policy")
    private @Nullable String name;

    @Override
    public Integer call() {
        PrintWriter console = spec.commandLine().getOut();
        if (name == null) {
            List<PolicyProvider> all =
                    Policies.names().stream().map(Policies::provider).toList();
            all.forEach(provider -> console.printf("%-20s %s%n", provider.name(), provider.summary()));
        } else {
            print(Policies.provider(name), console);
        }
        console.flush();
        return 0;
    }

    private static void print(PolicyProvider provider, PrintWriter console) {
        console.printf("%s: %s%n", provider.name(), provider.summary());
        for (Setting<?> setting : provider.settings()) {
            String usual = setting.defaultText();
            console.printf("  %-20s %s%s%n", setting, setting.help(), usual == null ? "" : " (default: " + usual + ")");
        }
        provider.shorthand().ifPresent(setting -> console.printf("A bare value sets %s.%n", setting));
    }
}
