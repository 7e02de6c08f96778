package io.adacache.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class PlainTextTest {
    @Test
    void nothingSteersTheTerminal() {
        assertThat(PlainText.of("a\u001b[31mb\u0007\u009b\u007f")).isEqualTo("a\\u001b[31mb\\u0007\\u009b\\u007f");
        assertThat(PlainText.of("tab\tline\nreturn\r")).isEqualTo("tab\tline\nreturn\r");
        assertThat(PlainText.of("\u202egpj.exe")).isEqualTo("\\u202egpj.exe");
        assertThat(PlainText.of("Grüße 東京")).isEqualTo("Grüße 東京");
    }

    @Test
    void aWriterDoesTheSameWhicheverWayItIsUsed() {
        StringWriter to = new StringWriter();
        var writer = PlainText.writer(to);
        writer.print("a\u001b");
        writer.write('\u001b');
        writer.write(new char[] {'b', '\u001b'}, 1, 1);
        writer.printf("%s", "\u001b");
        writer.flush();
        assertThat(to).hasToString("a" + "\\u001b".repeat(4));
    }
}
