package io.adacache.bench.protocol;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.adacache.bench.report.Interval;
import org.jspecify.annotations.Nullable;

/**
 * A method at one speed on the test prompts: a line of the protocol's results.
 *
 * @param method whose
 * @param axis what speed is: {@code operations} or {@code time}
 * @param speed over the uncached model
 * @param psnr mean over prompts in dB, 95 of 100 draws of as many prompts lie within
 * @param tenth the PSNR below which a tenth of the prompts lies
 * @param worst of the prompt that lost most
 * @param motionKept mean of motion over that of the uncached clips; null where none moves
 * @param leastMotionKept of the clip that lost most; null likewise
 * @param flicker mean over that of the uncached clips
 * @param shown share of the prompts that the clips show; null where clips cannot be recognised
 * @param lead by how much the method that all are held against is ahead, mean over prompts; null for that method itself, and where it is
 *     not as fast
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Standing(
        String method,
        String axis,
        double speed,
        Interval psnr,
        double tenth,
        double worst,
        @Nullable Double motionKept,
        @Nullable Double leastMotionKept,
        double flicker,
        @Nullable Double shown,
        @Nullable Interval lead) {}
