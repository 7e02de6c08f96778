package io.adacache.layout;

// Why the sum of a span is kept, and not its residuals: docs/decisions/0001.

/**
 * A run of neighbouring sites whose sum is cached as one tensor.
 *
 * @param first index of the first site
 * @param last index after the last site; greater than {@code first}
 */
public record Span(int first, int last) implements Part {
    /** Checks that the span holds at least one site. */
    public Span {
        if (first < 0 || last <= first) {
            throw new IllegalArgumentException("A span holds at least one site, but got [" + first + ", " + last + ")");
        }
    }

    /** Returns the span of one site. */
    public static Span of(Site site) {
        return new Span(site.index(), site.index() + 1);
    }

    @Override
    public int size() {
        return last - first;
    }

    /** Whether the site of that index lies in this span. */
    public boolean contains(int site) {
        return first <= site && site < last;
    }

    @Override
    public String toString() {
        return "[" + first + ", " + last + ")";
    }
}
