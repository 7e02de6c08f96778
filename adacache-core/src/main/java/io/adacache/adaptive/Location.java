package io.adacache.adaptive;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** At which block of a model the distance is measured (AdaCache, table 3b). */
public sealed interface Location {
    /**
     * Returns the block index in a model.
     *
     * @param blocks indices of the blocks that have what is measured, ascending
     */
    int block(List<Integer> blocks);

    /** A place relative to the model's depth. */
    enum Relative implements Location {
        /** The first block. */
        START {
            @Override
            int of(int blocks) {
                return 0;
            }
        },
        /** The middle block, 13 of 28: the default. */
        MIDDLE {
            @Override
            int of(int blocks) {
                return (blocks - 1) / 2;
            }
        },
        /** The last block. */
        END {
            @Override
            int of(int blocks) {
                return blocks - 1;
            }
        };

        abstract int of(int blocks);

        @Override
        public int block(List<Integer> blocks) {
            return blocks.get(of(blocks.size()));
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A block by its index.
     *
     * @param index as the checkpoint counts blocks
     */
    record Block(int index) implements Location {
        @Override
        public int block(List<Integer> blocks) {
            if (!blocks.contains(index)) {
                throw new IllegalArgumentException("There is no block " + index
                        + " to measure at in this model; what is measured is in the blocks " + blocks);
            }
            return index;
        }

        @Override
        public String toString() {
            return Integer.toString(index);
        }
    }

    /** Parses locations, parted by {@code ;} or {@code +}; {@code several} is start, middle and end. Throws as {@link #parse}. */
    static List<Location> parseAll(String text) {
        return text.equals("several")
                ? List.of(Relative.values())
                : Stream.of(text.split("[;+]", -1))
                        .map(part -> parse(part.trim()))
                        .toList();
    }

    /**
     * Parses {@code start}, {@code middle}, {@code end} or a block index.
     *
     * @throws IllegalArgumentException if the text is none of these
     */
    static Location parse(String text) {
        Optional<Relative> relative = List.of(Relative.values()).stream()
                .filter(value -> value.toString().equals(text) || (value == Relative.MIDDLE && text.equals("mid")))
                .findFirst();
        if (relative.isPresent()) {
            return relative.get();
        }
        try {
            return new Block(Integer.parseInt(text));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no location; write start, middle, end or a block index", e);
        }
    }
}
