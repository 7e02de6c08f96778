package io.adacache.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FormatTest {
    @Test
    void bytesHaveTheLargestUnitThatFits() {
        assertThat(Format.bytes(0)).isEqualTo("0 B");
        assertThat(Format.bytes(512 * 1024)).isEqualTo("512 KiB");
        assertThat(Format.bytes(1536 * 1024)).isEqualTo("1.5 MiB");
        assertThat(Format.bytes(3L << 30)).isEqualTo("3.0 GiB");
    }

    @Test
    void missingFiguresAreADash() {
        assertThat(Format.number(null, 2)).isEqualTo("-");
        assertThat(Format.times(2.407)).isEqualTo("2.41x");
    }

    @Test
    void textIsMadeHarmless() {
        assertThat(Format.html("<b a=\"1\">&")).isEqualTo("&lt;b a=&quot;1&quot;&gt;&amp;");
        assertThat(FileNames.of("A small, red circle!")).isEqualTo("a-small-red-circle");
        assertThat(FileNames.of("../..")).isEqualTo("clip");
    }

    /** A name of a file is no codebook, and two codebooks that begin alike are two files. */
    @Test
    void longNamesAreCutAndToldApart() {
        String policy = "adacache:codebook=0.000659:14;0.000769:13;0.000909:12;0.00109:11";
        assertThat(FileNames.ofPolicy("every:n=2")).isEqualTo("every-n-2");
        assertThat(FileNames.ofPolicy(policy)).hasSizeLessThanOrEqualTo(40).startsWith("adacache-codebook-0-000659");
        assertThat(FileNames.ofPolicy(policy)).isNotEqualTo(FileNames.ofPolicy(policy + ";1:1"));
        assertThat(FileNames.of("word ".repeat(100))).hasSizeLessThanOrEqualTo(80);
    }
}
