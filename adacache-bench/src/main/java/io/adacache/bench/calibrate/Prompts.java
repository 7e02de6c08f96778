package io.adacache.bench.calibrate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Which of the named prompts a calibration generates: spread over all of them, tuning and checking mixed alike, since lists of prompts
 * are often sorted. Where there are too few, they come again with other noise.
 */
public final class Prompts {
    private Prompts() {}

    /**
     * Returns indices of prompts, those tuned on first.
     *
     * @param size how many prompts there are
     */
    public static List<Integer> choose(int size, int tuning, int checking) {
        int all = tuning + checking;
        List<Integer> tuned = new ArrayList<>();
        List<Integer> checked = new ArrayList<>();
        for (int i = 0; i < all; i++) {
            int index = size < all ? i % size : (int) ((long) i * (size - 1) / Math.max(1, all - 1));
            boolean check = (long) (i + 1) * checking / all > (long) i * checking / all;
            (check ? checked : tuned).add(index);
        }
        tuned.addAll(checked);
        return tuned;
    }

    /**
     * Returns the chosen ones and more of those that were not, in an order that jumps about the list; where there are no more, all come again.
     *
     * @param size how many prompts there are
     * @param all how many are wanted together
     */
    public static List<Integer> more(List<Integer> chosen, int size, int all) {
        List<Integer> rest = new ArrayList<>(IntStream.range(0, size)
                .filter(index -> !chosen.contains(index))
                .boxed()
                .toList());
        Collections.shuffle(rest, new Random(size));
        List<Integer> more = new ArrayList<>(chosen);
        more.addAll(rest);
        for (int i = more.size(); i < all; i++) {
            more.add(i % size);
        }
        return more.subList(0, Math.max(chosen.size(), Math.min(all, more.size())));
    }

    /** Whether a prompt is checked on that was tuned on: then the check is of other noise only. */
    public static boolean overlap(List<Integer> chosen, int tuning) {
        return IntStream.range(tuning, chosen.size())
                .anyMatch(i -> chosen.subList(0, tuning).contains(chosen.get(i)));
    }
}
