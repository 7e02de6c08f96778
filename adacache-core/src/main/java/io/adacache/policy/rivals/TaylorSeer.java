package io.adacache.policy.rivals;

import io.adacache.layout.Layout;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Forecast;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Setting;
import java.util.List;

/**
 * TaylorSeer: computes every n-th step and, in between, forecasts each residual by a Taylor series of its finite differences.
 *
 * <p>Computed are the steps s (from 0) with {@code s < first}, and from the last of them on every n-th. Differences are taken
 * from step {@code first - 2} on. Source: <em>From Reusing to Forecasting</em> (arXiv 2503.06923) and TaylorSeer,
 * {@code taylor_utils} and {@code cache_functions/cal_type.py}. There the outputs of each module before the gate are forecast; here
 * gated residuals, and since forecasts are linear their sum over the whole stack: order + 1 tensors in all.
 *
 * @param name what reports show
 * @param interval from one computation to the next
 * @param first steps at the beginning that are computed
 * @param forecast the order, {@link Forecast.Scheme#TAYLOR} as published
 */
public record TaylorSeer(String name, int interval, int first, Forecast forecast) implements CachePolicy {
    /** Checks the numbers. */
    public TaylorSeer {
        if (interval < 1 || first < 1) {
            throw new IllegalArgumentException(
                    "TaylorSeer's interval and first are 1 or more, but got " + interval + " and " + first);
        }
    }

    @Override
    public PolicyRun begin(Layout layout, Generation generation) {
        if (layout.isOpaque()) {
            throw CachePolicy.needsSites(name);
        }
        return new SiteSchedule(
                layout,
                generation,
                (site, step) -> step >= first && (step - first + 1) % interval != 0,
                forecast,
                Math.max(0, first - 2));
    }

    /** Returns the provider. */
    public static PolicyProvider provider() {
        return PolicyProvider.of(
                "taylorseer",
                "TaylorSeer: every n-th step, forecasts in between; taylorseer-4 is taylorseer:interval=4",
                "interval",
                List.of(
                        Setting.of("interval", 5, "from one computation to the next"),
                        Setting.of("order", 1, "of the forecast, 0 to 2"),
                        Setting.of("first", 3, "steps at the beginning that are computed"),
                        Setting.of("damping", 1, "of the forecast; 0.5 at order 1 is HiCache's"),
                        Setting.of("scheme", "taylor", "taylor as published, or polynomial")),
                settings -> new TaylorSeer(
                        settings.label(),
                        settings.integer("interval"),
                        settings.integer("first"),
                        new Forecast(
                                settings.choice("scheme", Forecast.Scheme.class),
                                settings.integer("order"),
                                settings.number("damping"),
                                Double.POSITIVE_INFINITY)));
    }
}
