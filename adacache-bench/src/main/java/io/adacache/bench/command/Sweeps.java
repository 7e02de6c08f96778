package io.adacache.bench.command;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The settings with which methods are compared, each over a range of speeds: what {@code compare --policies all} runs. They were
 * chosen on the tuning prompts, see {@code docs/choosing.md}; polynomial, ratios and motion constants of a model come from its
 * file.
 */
final class Sweeps {
    /** Every method with several settings. */
    static final List<String> ALL = List.of(
            // AdaCache as published.
            "adacache-slow",
            "adacache-fast",
            "adacache-fast-moreg",
            // AdaCache, codebooks of the demo model: rate r below 2 c / (r (r - 1)), what least error at a cost c per
            // computed step asks for.
            "adacache:codebook=0.000659:14;0.000769:13;0.000909:12;0.00109:11;0.00133:10;0.00167:9;0.00214:8;0.00286:7;0.004:6;0.006:5;0.01:4;0.02:3;0.06:2;10:1,first=4,last=1",
            "adacache:codebook=0.00165:14;0.00192:13;0.00227:12;0.00273:11;0.00333:10;0.00417:9;0.00536:8;0.00714:7;0.01:6;0.015:5;0.025:4;0.05:3;0.15:2;10:1,first=4,last=1",
            "adacache:codebook=0.0033:14;0.00385:13;0.00455:12;0.00545:11;0.00667:10;0.00833:9;0.0107:8;0.0143:7;0.02:6;0.03:5;0.05:4;0.1:3;0.3:2;10:1,first=4,last=1",
            "adacache:codebook=0.00659:14;0.00769:13;0.00909:12;0.0109:11;0.0133:10;0.0167:9;0.0214:8;0.0286:7;0.04:6;0.06:5;0.1:4;0.2:3;0.6:2;10:1,first=4,last=1",
            "adacache:codebook=0.0132:14;0.0154:13;0.0182:12;0.0218:11;0.0267:10;0.0333:9;0.0429:8;0.0571:7;0.08:6;0.12:5;0.2:4;0.4:3;1.2:2;10:1,first=4,last=1",
            "adacache:codebook=0.0275:14;0.0321:13;0.0379:12;0.0455:11;0.0556:10;0.0694:9;0.0893:8;0.119:7;0.167:6;0.25:5;0.417:4;0.833:3;2.5:2;10:1,first=4,last=1",
            // The same with motion regularisation, its constants from the model's file.
            "adacache-moreg:codebook=0.00165:14;0.00192:13;0.00227:12;0.00273:11;0.00333:10;0.00417:9;0.00536:8;0.00714:7;0.01:6;0.015:5;0.025:4;0.05:3;0.15:2;10:1,first=4,last=1",
            "adacache-moreg:codebook=0.00549:14;0.00641:13;0.00758:12;0.00909:11;0.0111:10;0.0139:9;0.0179:8;0.0238:7;0.0333:6;0.05:5;0.0833:4;0.167:3;0.5:2;10:1,first=4,last=1",
            "adacache-moreg:codebook=0.0165:14;0.0192:13;0.0227:12;0.0273:11;0.0333:10;0.0417:9;0.0536:8;0.0714:7;0.1:6;0.15:5;0.25:4;0.5:3;1.5:2;10:1,first=4,last=1",
            // The same with linear forecasts, rates up to 3 and 4 where forecasts reach on, and higher ones where
            // they are damped.
            "adacache:codebook=0.0167:3;0.05:2;10:1,first=5,last=1,forecast=1,forecast-damping=1,forecast-reach=100",
            "adacache:codebook=0.04:3;0.12:2;10:1,first=5,last=1,forecast=1,forecast-damping=1,forecast-reach=100",
            "adacache:codebook=0.1:3;0.3:2;10:1,first=5,last=1,forecast=1,forecast-damping=1,forecast-reach=100",
            "adacache:codebook=0.05:4;0.1:3;0.3:2;10:1,first=5,last=1,forecast=1,forecast-damping=1,forecast-reach=100",
            "adacache:codebook=0.0022:14;0.00256:13;0.00303:12;0.00364:11;0.00444:10;0.00556:9;0.00714:8;0.00952:7;0.0133:6;0.02:5;0.0333:4;0.0667:3;0.2:2;10:1,first=4,last=1,forecast=1",
            "adacache:codebook=0.0033:14;0.00385:13;0.00455:12;0.00545:11;0.00667:10;0.00833:9;0.0107:8;0.0143:7;0.02:6;0.03:5;0.05:4;0.1:3;0.3:2;10:1,first=4,last=1,forecast=1",
            "adacache:codebook=0.00495:14;0.00577:13;0.00682:12;0.00818:11;0.01:10;0.0125:9;0.0161:8;0.0214:7;0.03:6;0.045:5;0.075:4;0.15:3;0.45:2;10:1,first=4,last=1,forecast=1",
            "adacache:codebook=0.00659:14;0.00769:13;0.00909:12;0.0109:11;0.0133:10;0.0167:9;0.0214:8;0.0286:7;0.04:6;0.06:5;0.1:4;0.2:3;0.6:2;10:1,first=4,last=1,forecast=1",
            "adacache:codebook=0.00934:14;0.0109:13;0.0129:12;0.0155:11;0.0189:10;0.0236:9;0.0304:8;0.0405:7;0.0567:6;0.085:5;0.142:4;0.283:3;0.85:2;10:1,first=4,last=1,forecast=1",
            "adacache:codebook=0.0132:14;0.0154:13;0.0182:12;0.0218:11;0.0267:10;0.0333:9;0.0429:8;0.0571:7;0.08:6;0.12:5;0.2:4;0.4:3;1.2:2;10:1,first=4,last=1,forecast=1",
            "adacache:codebook=0.0275:14;0.0321:13;0.0379:12;0.0455:11;0.0556:10;0.0694:9;0.0893:8;0.119:7;0.167:6;0.25:5;0.417:4;0.833:3;2.5:2;10:1,first=4,last=1,forecast=1",
            "adacache:codebook=0.0549:14;0.0641:13;0.0758:12;0.0909:11;0.111:10;0.139:9;0.179:8;0.238:7;0.333:6;0.5:5;0.833:4;1.67:3;5:2;10:1,first=3,last=1,forecast=1",
            // Schedules that look at nothing.
            "even:20",
            "even:15",
            "even:12",
            "even:9",
            "every-2",
            "every-3",
            "fora-2",
            "fora-3",
            // Attention in a window of timesteps: as published, and with a wider window.
            "pab:slow",
            "pab:fast",
            "pab:speed=slow,window=30-980",
            "pab:speed=fast,window=30-980",
            "tgate",
            "tgate:gate=5,interval=3",
            // Delta-DiT as compared in the paper, and with more blocks.
            "delta-dit",
            "delta-dit:gate=5,front=2",
            // Forecasts at even intervals.
            "taylorseer:interval=2,first=5",
            "taylorseer:interval=3,first=5",
            "taylorseer:interval=4,first=5",
            "taylorseer:interval=5,first=5",
            "taylorseer:interval=6,first=5",
            // Accumulated change of the modulated input, polynomial from the model's file.
            "teacache:0.01",
            "teacache:0.02",
            "teacache:0.03",
            "teacache:0.05",
            "teacache:0.07",
            // Change of the first blocks.
            "fbcache:0.1",
            "fbcache:0.15",
            "fbcache:0.25",
            "fbcache:0.4",
            "dbcache:threshold=0.1,first=1,warm-up=5",
            "dbcache:threshold=0.2,first=1,warm-up=5",
            "dbcache:threshold=0.4,first=1,warm-up=5",
            // Known magnitudes, ratios from the model's file.
            "magcache:threshold=0.006,max-in-row=5,retention=0.17",
            "magcache:threshold=0.01,max-in-row=5,retention=0.17",
            "magcache:threshold=0.02,max-in-row=5,retention=0.17",
            "magcache:threshold=0.08,max-in-row=6,retention=0.1",
            // The call from outside.
            "easycache:threshold=0.01,first=3",
            "easycache:threshold=0.02,first=3",
            "easycache:threshold=0.03,first=3",
            "easycache:threshold=0.05,first=3",
            "easycache:threshold=0.08,first=3",
            "easycache:threshold=0.12,first=3");

    /** The rows of the paper's table 1. */
    static final List<String> TABLE_1 = List.of(
            "delta-dit", "tgate", "pab:fast", "pab:slow", "adacache-fast", "adacache-fast-moreg", "adacache-slow");

    /** The rows of the paper's table 3. */
    static final List<String> TABLE_3 = List.of(
            "adacache-fast",
            "adacache-fast-moreg",
            "adacache-medium",
            "adacache-slow",
            "adacache-fast:metric=l2",
            "adacache-fast:metric=cosine",
            "adacache-fast:location=start",
            "adacache-fast:location=end",
            "adacache-fast:location=several",
            "adacache-fast:residual=spatial-attention",
            "adacache-fast:residual=cross-attention",
            "adacache-fast:residual=mlp");

    private Sweeps() {}

    /** Replaces {@code all}, {@code table1} and {@code table3} by what they stand for; nothing occurs twice. */
    static List<String> expand(List<String> policies) {
        Set<String> expanded = new LinkedHashSet<>();
        for (String policy : policies) {
            switch (policy) {
                case "all" -> expanded.addAll(ALL);
                case "table1" -> expanded.addAll(TABLE_1);
                case "table3" -> expanded.addAll(TABLE_3);
                default -> expanded.add(policy);
            }
        }
        return List.copyOf(expanded);
    }
}
