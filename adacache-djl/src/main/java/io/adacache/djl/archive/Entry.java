package io.adacache.djl.archive;

/**
 * One entry of the archive's directory.
 *
 * @param name full name, with the archive's own top folder
 * @param method 0 stored, 8 deflated
 * @param crc CRC-32 of the content
 * @param packed bytes in the file
 * @param size bytes of the content
 * @param header offset of the local header
 * @param data offset of the packed bytes
 */
public record Entry(String name, int method, long crc, long packed, long size, long header, long data) {
    static final int STORED = 0;
    static final int DEFLATED = 8;
}
