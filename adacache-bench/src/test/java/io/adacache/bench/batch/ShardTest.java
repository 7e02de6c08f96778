package io.adacache.bench.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShardTest {
    private static final List<Job> JOBS = IntStream.range(0, 11)
            .mapToObj(i -> new Job("job" + i, "a", null, 1, null, null, null, null, null))
            .toList();

    @Test
    void shardsShareEveryJobOnce() {
        List<Job> all = IntStream.range(0, 4)
                .mapToObj(i -> new Shard(i, 4).of(JOBS))
                .flatMap(List::stream)
                .toList();
        assertThat(all).containsExactlyInAnyOrderElementsOf(JOBS);
    }

    @Test
    void theEnvironmentOfAnIndexedJobIsRead() {
        assertThat(Shard.of(null, Map.of(Shard.INDEX, "2", Shard.COUNT, "4"))).isEqualTo(new Shard(2, 4));
        assertThat(Shard.of("1/3", Map.of(Shard.INDEX, "2", Shard.COUNT, "4"))).isEqualTo(new Shard(1, 3));
        assertThat(Shard.of(null, Map.of())).isEqualTo(new Shard(0, 1));
    }

    @Test
    void halfASettingIsRefused() {
        assertThatThrownBy(() -> Shard.of(null, Map.of(Shard.INDEX, "2"))).hasMessageContaining("made twice or never");
        assertThatThrownBy(() -> Shard.of("4/4", Map.of())).hasMessageContaining("below the count");
        assertThatThrownBy(() -> Shard.of("one", Map.of())).hasMessageContaining("INDEX/COUNT, as 0/4, but got 'one'");
    }
}
