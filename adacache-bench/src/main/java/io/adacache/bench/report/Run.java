package io.adacache.bench.report;

import io.adacache.bench.pipeline.Generated;

/**
 * One generation of a comparison.
 *
 * @param result its figures
 * @param generated the clip and the record of its making
 */
public record Run(Result result, Generated generated) {}
