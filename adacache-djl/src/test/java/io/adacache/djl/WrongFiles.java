package io.adacache.djl;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Copies of the small model file with one method replaced. */
public final class WrongFiles {
    private static final String INPUTS = "x: Tensor, timestep: Tensor, text: Tensor";

    private WrongFiles() {}

    /** Replaces {@code embed}; the body sees {@code hidden} and {@code context} as the right one would return them. */
    public static Path embed(Path target, String returns, String body) {
        return method(
                target,
                "embed",
                "  def embed(self: __torch__.Small, " + INPUTS + ") -> " + returns + ":\n"
                        + "    hidden = torch.matmul(torch.transpose(torch.flatten(x, 2), 1, 2), self.enter)\n"
                        + "    gate = torch.view(torch.cos(torch.div(timestep, 1000)), [-1, 1, 1])\n"
                        + "    sizes = torch.empty([0, torch.size(x, 2), torch.size(x, 3), torch.size(x, 4)],"
                        + " dtype=None, layout=None, device=ops.prim.device(x))\n"
                        + "    context = [gate, sizes]\n"
                        + body);
    }

    /** Replaces {@code run}; the body sees {@code out}, a list of the hidden state and a captured tensor for each that is asked for. */
    public static Path run(Path target, String returns, String body) {
        return method(
                target,
                "run",
                "  def run(self: __torch__.Small, first: int, last: int, capture: List[int], hidden: Tensor,"
                        + " context: List[Tensor]) -> " + returns + ":\n"
                        + "    out = [torch.mul(hidden, 1.25)]\n"
                        + "    for i in range(torch.len(capture)):\n"
                        + "      _0 = torch.append(out, torch.mul(hidden, 0.25))\n"
                        + body);
    }

    /** Replaces {@code modulated}. */
    public static Path modulated(Path target, String returns, String body) {
        return method(
                target,
                "modulated",
                "  def modulated(self: __torch__.Small, site: int, hidden: Tensor, context: List[Tensor]) -> " + returns
                        + ":\n" + body);
    }

    /** Replaces {@code head}; the body sees {@code out}, a right prediction. */
    public static Path head(Path target, String returns, String body) {
        return method(
                target,
                "head",
                "  def head(self: __torch__.Small, hidden: Tensor, context: List[Tensor]) -> " + returns + ":\n"
                        + "    sizes = context[1]\n"
                        + "    flat = torch.transpose(torch.matmul(hidden, self.leave), 1, 2)\n"
                        + "    out = torch.reshape(flat, [torch.size(hidden, 0), 4, torch.size(sizes, 1),"
                        + " torch.size(sizes, 2), torch.size(sizes, 3)])\n"
                        + body);
    }

    /** Replaces {@code forward}; the body sees {@code out}, a tensor of the latent's size. */
    public static Path forward(Path target, String returns, String body) {
        return method(
                target,
                "forward",
                "  def forward(self: __torch__.Small, " + INPUTS + ") -> " + returns + ":\n"
                        + "    out = torch.mul(x, 0.5)\n" + body);
    }

    private static Path method(Path target, String name, String text) {
        Pattern method = Pattern.compile("(?s)  def " + name + "\\(.*?(?=\\n  def |\\z)");
        String whole = text.substring(0, text.length() - 1);
        // What forward calls keeps its types: only forward itself may call what was replaced.
        return Archives.rewrite(TestModels.file(TestModels.SMALL), target, "__torch__.py", code -> method.matcher(
                        name.equals("forward") ? code : plainForward(code))
                .replaceFirst(Matcher.quoteReplacement(whole))
                .concat("\n"));
    }

    private static String plainForward(String code) {
        String forward =
                "  def forward(self: __torch__.Small,\n    x: Tensor,\n    timestep: Tensor,\n    text: Tensor)"
                        + " -> Tensor:\n    return torch.mul(x, 0.5)";
        return Pattern.compile("(?s)  def forward\\(.*?(?=\\n  def )")
                .matcher(code)
                .replaceFirst(Matcher.quoteReplacement(forward));
    }
}
