/** Adaptive caching for video diffusion transformers, engine-agnostic. Why ND4J is not required: docs/decisions/0007. */
module io.adacache.core {
    requires org.slf4j;
    requires static jdk.jfr;
    requires static micrometer.core;
    requires static org.jspecify;

    exports io.adacache.event;
    exports io.adacache.layout;
    exports io.adacache.metric;
    exports io.adacache.micrometer;
    exports io.adacache.nd4j;
    exports io.adacache.policy;
    exports io.adacache.spi;
    exports io.adacache.tune;
    exports io.adacache;

    uses io.adacache.policy.PolicyProvider;
}
