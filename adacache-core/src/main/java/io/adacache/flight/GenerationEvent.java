package io.adacache.flight;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A generation, from the beginning of its session to its end. */
@Name("io.adacache.Generation")
@Label("Generation")
@Category("AdaCache")
@StackTrace(false)
final class GenerationEvent extends Event {
    @Label("Session")
    String session = "";

    @Label("Model")
    String model = "";

    @Label("Policy")
    String policy = "";

    @Label("Announced Steps")
    int announcedSteps;

    @Label("Steps")
    int steps;

    @Label("Computed Steps")
    int computedSteps;

    @Label("Reused Steps")
    int reusedSteps;

    @Label("Ending")
    @Description("completed, cut-short, unused, cancelled, interrupted, timed-out or failed")
    String ending = "";

    @Label("Reason")
    String reason = "";

    @Label("Bytes Held")
    @DataAmount
    long bytesHeld;

    @Label("Bytes at Peak")
    @DataAmount
    long bytesPeak;
}
