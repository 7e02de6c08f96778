package io.adacache.djl.instrument.syntax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParserTest {
    private static FunctionDef function(String... body) {
        String text = "def f(x: Tensor) -> Tensor:\n  " + String.join("\n  ", body) + "\n";
        return SourceFile.parse("f.py", text).functions().get("f");
    }

    @Test
    void readsAClass() {
        String text = """
                class M(Module):
                  __parameters__ = ["w", ]
                  w : Tensor
                  training : bool
                  __annotations__["0"] = __torch__.A
                  def forward(self: __torch__.M,
                    x: Tensor,
                    n: int=3) -> Tuple[Tensor, int]:
                    _0 = getattr(self.layers, "0")
                    return (torch.add((_0).forward(x, ), self.w), n)
                def g(x):
                  return x
                """;
        SourceFile file = SourceFile.parse("m.py", text);
        ClassDef def = file.classes().get("M");
        assertThat(def.attributes().keySet()).containsExactly("w", "training", "0");
        FunctionDef forward = def.methods().get("forward");
        assertThat(forward.parameters()).hasSize(3);
        assertThat(forward.parameters().get(2).fallback()).hasToString("3");
        assertThat(forward.returns()).hasToString("Tuple[Tensor, int]");
        assertThat(text.substring(forward.start(), forward.end()))
                .startsWith("  def forward")
                .endsWith(", n)\n");
        assertThat(text.substring(0, def.end())).endsWith(", n)\n");
        assertThat(file.functions()).containsKey("g");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "torch.add(x, y, alpha=1)",
                "[1, -1, [a, b]]",
                "(a,)",
                "{\"k\": 1}",
                "annotate(List[Tensor], [])",
                "torch.device(\"cuda:0\")",
                "x[0]",
                "torch.slice(x, 0, 0, 9223372036854775807)",
                "1.0000000000000001e-05",
                "CONSTANTS.c12",
                "(self.a).forward(x)",
            })
    void printsWhatItRead(String expression) {
        Stmt.Return statement =
                (Stmt.Return) function("return " + expression).body().get(0);
        String printed = String.valueOf(statement.value());
        assertThat(function("return " + printed).body().get(0))
                .isEqualTo(new Stmt.Return(statement.value(), statement.line()));
        assertThat(printed.replace("(self.a)", "self.a")).isEqualTo(expression.replace("(self.a)", "self.a"));
    }

    @Test
    void unpackingAndControlFlow() {
        FunctionDef f = function(
                "a, b, = torch.chunk(x, 2)",
                "if torch.gt(a, b):",
                "  c = a",
                "else:",
                "  c = b",
                "for i in range(3):",
                "  pass",
                "return c");
        assertThat(((Stmt.Assign) f.body().get(0)).unpack()).isTrue();
        assertThat(((Stmt.If) f.body().get(1)).otherwise()).hasSize(1);
        assertThat(((Stmt.Loop) f.body().get(2)).keyword()).isEqualTo("for");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "return (",
                "return )",
                "return \"abc",
                "return $",
                "return é",
                "x = = y",
                "a, b",
                "    return 1\n return 2",
            })
    void otherTextIsRefusedWithFileAndLine(String body) {
        assertThatThrownBy(() -> function(body))
                .isInstanceOf(SyntaxException.class)
                .hasMessageStartingWith("f.py:");
    }

    @Test
    void depthIsBounded() {
        String deep = "(".repeat(100_000) + "x" + ")".repeat(100_000);
        assertThatThrownBy(() -> function("return " + deep))
                .isInstanceOf(SyntaxException.class)
                .hasMessageContaining("nested too deeply");
        String chain = "x" + ".a".repeat(100_000);
        assertThatThrownBy(() -> function("return " + chain))
                .isInstanceOf(SyntaxException.class)
                .hasMessageContaining("nested too deeply");
        String minus = "-".repeat(100_000) + "x";
        assertThatThrownBy(() -> function("return " + minus)).isInstanceOf(SyntaxException.class);
    }
}
