package io.adacache.rivals;

import io.adacache.layout.Layout;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Forecast;
import io.adacache.policy.Forecast.Scheme;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings;
import java.util.List;
import java.util.Set;

/**
 * TaylorSeer: computes every n-th step and, in between, forecasts each residual by a Taylor series of its finite differences.
 *
 * <p>Computed are the steps s (from 0) with {@code s < first}, and from the last of them on every n-th. Differences are taken
 * from step {@code first - 2} on. Source: <em>From Reusing to Forecasting</em> (arXiv 2503.06923) and TaylorSeer,
 * {@code taylor_utils} and {@code cache_functions/cal_type.py}. There the outputs of each module before the gate are forecast; here
 * gated residuals, and since forecasts are linear their sum over the whole stack: order + 1 tensors in all.
 */
final class TaylorSeer implements CachePolicy {
    private static final Setting<Integer> INTERVAL =
            Scope.atLeast(1, "interval", "from one computation to the next").or(5);
    private static final Setting<Integer> ORDER = Setting.integer("order", "of the forecast, 0 to 2")
            .where(order -> order >= 0 && order <= 4, "0 to 4")
            .or(1);
    private static final Setting<Integer> FIRST = Scope.atLeast(1, "first", "steps at the beginning that are computed")
            .or(3);
    private static final Setting<Double> DAMPING = Setting.number(
                    "damping", "of the forecast; 0.5 at order 1 is HiCache's")
            .or(1);
    private static final Setting<Scheme> SCHEME = Setting.choice(
                    "scheme", Scheme.class, "taylor as published, or polynomial")
            .or(Scheme.TAYLOR);

    private final String name;
    private final int interval;
    private final int first;
    private final boolean firstGiven;
    private final Forecast forecast;

    private TaylorSeer(Settings settings) {
        name = settings.policy();
        interval = settings.get(INTERVAL);
        first = settings.get(FIRST);
        firstGiven = settings.isGiven(FIRST);
        forecast = new Forecast(
                settings.get(SCHEME), settings.get(ORDER), settings.get(DAMPING), Double.POSITIVE_INFINITY);
    }

    static PolicyProvider provider() {
        return PolicyProvider.of(
                "taylorseer",
                "TaylorSeer: every n-th step, forecasts in between; taylorseer-4 is taylorseer:interval=4",
                INTERVAL,
                List.of(INTERVAL, ORDER, FIRST, DAMPING, SCHEME),
                TaylorSeer::new);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Set<Requirement> requirements() {
        return Set.of(Requirement.SITES);
    }

    @Override
    public PolicyRun begin(Layout layout, Generation generation) {
        new Forced(name, first, 0, generation.steps()).check(firstGiven);
        return new SiteSchedule(
                name,
                layout,
                generation,
                (site, step) -> step >= first && (step - first + 1) % interval != 0,
                forecast,
                Math.max(0, first - 2));
    }
}
