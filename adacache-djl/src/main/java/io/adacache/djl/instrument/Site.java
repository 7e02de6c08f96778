package io.adacache.djl.instrument;

/**
 * One residual of the file.
 *
 * @param index its position in the order of addition
 * @param block index of its block
 * @param kind as in the manifest; a guess from the rearrangements around it where nothing was run
 * @param where path of the module that computes it; empty in a frozen file
 * @param line code file and line of the addition
 * @param glue what the hidden state goes through before it, such as {@code reshape > permute > reshape}; often empty
 * @param streams how many streams it changes
 * @param merged how many additions of one stream were taken together because they cannot be told apart
 */
public record Site(
        int index, int block, String kind, String where, String line, String glue, int streams, int merged) {}
