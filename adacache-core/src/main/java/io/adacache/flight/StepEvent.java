package io.adacache.flight;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A step, from its first branch's call to the end of its last. */
@Name("io.adacache.Step")
@Label("Step")
@Category("AdaCache")
@StackTrace(false)
final class StepEvent extends Event {
    @Label("Session")
    String session = "";

    @Label("Policy")
    String policy = "";

    @Label("Step")
    int step;

    @Label("Decision")
    @Description("computed, reused or partial")
    String decision = "";

    @Label("Computed Share")
    @Description("Share of the model's sites that were computed, 0 to 1")
    float computedShare;

    @Label("Inside")
    @Description("Time inside the session, all branches together, without what the service does between them")
    @Timespan(Timespan.NANOSECONDS)
    long inside;

    @Label("Bytes Held")
    @DataAmount
    long bytesHeld;

    @Label("Bytes at Peak")
    @DataAmount
    long bytesPeak;
}
