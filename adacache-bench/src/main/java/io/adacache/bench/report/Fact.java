package io.adacache.bench.report;

/**
 * A line of a report's small print.
 *
 * @param name what
 * @param value how much, which
 */
public record Fact(String name, String value) {}
