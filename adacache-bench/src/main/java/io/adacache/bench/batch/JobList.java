package io.adacache.bench.batch;

import io.adacache.bench.files.InputFile;
import io.adacache.bench.files.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads a list of jobs: a JSON object per line. A list that is half understood is not begun. */
public final class JobList {
    private JobList() {}

    /**
     * Returns the jobs of a file, in order.
     *
     * @throws IllegalArgumentException if the file cannot be read, a line is no job, or an id occurs twice; the message names the line
     */
    public static List<Job> read(Path file) {
        List<Job> jobs = new ArrayList<>();
        Map<String, Integer> seen = new HashMap<>();
        Path beside = file.toAbsolutePath().getParent();
        Path folder = beside == null ? file : beside;
        String[] lines = InputFile.text(file).split("\\R", -1);
        for (int i = 0; i < lines.length; i++) {
            if (lines[i].isBlank()) {
                continue;
            }
            Job job = job(lines[i], file + ", line " + (i + 1), folder);
            Integer before = seen.put(job.id(), i + 1);
            if (before != null) {
                throw new IllegalArgumentException(file + ", line " + (i + 1) + ": the id '" + job.id()
                        + "' stands in line " + before + " already");
            }
            jobs.add(job);
        }
        if (jobs.isEmpty()) {
            throw new IllegalArgumentException(
                    file + " holds no job; a line is {\"id\": \"one\", \"prompt\": \"...\"}");
        }
        return jobs;
    }

    /** Reads a line. Throws {@link IllegalArgumentException} if it is no job; the message begins with where it stands. */
    static Job job(String line, String from, Path folder) {
        try {
            return Job.of(Json.parse(line), folder);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(from + ": " + e.getMessage(), e);
        }
    }
}
