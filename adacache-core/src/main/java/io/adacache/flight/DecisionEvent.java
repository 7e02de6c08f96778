package io.adacache.flight;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** What was decided of one part of a step. There may be hundreds per step, so a recording has to ask for them. */
@Name("io.adacache.Decision")
@Label("Decision")
@Category("AdaCache")
@StackTrace(false)
@Enabled(false)
final class DecisionEvent extends Event {
    @Label("Session")
    String session = "";

    @Label("Step")
    int step;

    @Label("Part")
    String part = "";

    @Label("Computed")
    boolean computed;

    @Label("Reason")
    String reason = "";

    @Label("Figures")
    @Description("What the policy measured in this step, by name")
    String figures = "";
}
