package io.adacache.bench.batch;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which share of a list a process takes: every job whose place leaves this remainder.
 *
 * @param index from 0
 * @param count of the processes
 */
public record Shard(int index, int count) {
    /** Set by Kubernetes in the pods of an indexed job. */
    static final String INDEX = "JOB_COMPLETION_INDEX";
    /** To be set beside it: the job's completions. */
    static final String COUNT = "ADACACHE_SHARDS";

    private static final Pattern TEXT = Pattern.compile("(\\d{1,9})/(\\d{1,9})");

    /** Checks both. */
    public Shard {
        if (count < 1 || index < 0 || index >= count) {
            throw new IllegalArgumentException(
                    "A shard is INDEX/COUNT with an index from 0 to below the count, but got " + index + "/" + count);
        }
    }

    /**
     * Returns the shard that a text or, without one, the environment says; the whole list if neither does.
     *
     * @throws IllegalArgumentException if it cannot be read, or the environment says half of it
     */
    public static Shard of(@Nullable String text, Map<String, String> environment) {
        String index = environment.get(INDEX);
        String count = environment.get(COUNT);
        if (text == null && index == null && count == null) {
            return new Shard(0, 1);
        }
        if (text == null && (index == null || count == null)) {
            throw new IllegalArgumentException("Of " + INDEX + " and " + COUNT
                    + " one is set and the other is not; without both, some" + " clips would be made twice or never");
        }
        String said = text == null ? index + "/" + count : text;
        Matcher both = TEXT.matcher(said);
        if (!both.matches()) {
            throw new IllegalArgumentException("A shard is INDEX/COUNT, as 0/4, but got '" + said + "'");
        }
        return new Shard(Integer.parseInt(both.group(1)), Integer.parseInt(both.group(2)));
    }

    /** Returns the jobs of this shard, in order. */
    public List<Job> of(List<Job> all) {
        return IntStream.range(0, all.size())
                .filter(i -> i % count == index)
                .mapToObj(all::get)
                .toList();
    }
}
