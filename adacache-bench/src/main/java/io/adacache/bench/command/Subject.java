package io.adacache.bench.command;

import io.adacache.bench.pipeline.Conditioning;

/**
 * What one generation shows.
 *
 * @param name for reports and names of files: the prompt, the conditioning's file, or that the text is made up
 * @param conditioning what the model is given
 */
record Subject(String name, Conditioning conditioning) {}
