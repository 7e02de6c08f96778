package io.adacache.bench.report;

/**
 * What every policy generates once.
 *
 * @param prompt what the clip shows
 * @param seed of the noise
 * @param steps denoising steps
 */
public record Case(String prompt, long seed, int steps) {}
