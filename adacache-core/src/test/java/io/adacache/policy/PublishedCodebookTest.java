package io.adacache.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The published lookup knows thresholds and rates 1 to 5 and the last rate. */
class PublishedCodebookTest {
    @Test
    void sixEntriesAndFewerAreReadWhole() {
        Codebook six = Codebook.parse("0.1:7;0.2:6;0.3:5;0.4:4;0.5:3;1:2");
        assertThat(six.asPublishedCodeReadsIt()).isSameAs(six);
    }

    @Test
    void entriesAfterTheFifthAreSkipped() {
        Codebook eight = Codebook.parse("0.1:9;0.2:8;0.3:7;0.4:6;0.5:5;0.6:4;0.7:3;1:2");
        Codebook read = eight.asPublishedCodeReadsIt();
        assertThat(read.rate(0.45)).isEqualTo(5);
        assertThat(read.rate(0.55)).isEqualTo(2);
        assertThat(eight.rate(0.55)).isEqualTo(4);
    }
}
