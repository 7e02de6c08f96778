/** Caching for TorchScript transformers on DJL's PyTorch engine. How to start it as a module: docs/decisions/0009. */
@SuppressWarnings("requires-transitive-automatic")
module io.adacache.djl {
    requires transitive io.adacache.core;
    requires transitive ai.djl.api;
    requires ai.djl.pytorch_engine;
    requires com.google.gson;
    requires static org.jspecify;

    exports io.adacache.djl;
    exports io.adacache.djl.instrument;
}
