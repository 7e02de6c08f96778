package io.adacache.djl.instrument.graph;

/** What can be done about a refusal. */
public enum Remedy {
    /** Structures that no rewriting of the trace changes. */
    WHOLE_CALL(
            "the file as it is works with whole-call policies (load it and choose easycache); or trace the module if it was scripted, or"
                    + " export the model"),
    LOAD("load it as it is"),
    WRAP("wrap the module in another one and trace that"),
    TENSORS("trace a wrapper that takes tensors alone and makes the rest a constant"),
    RETURN("trace a wrapper that returns the prediction alone"),
    TRACE("freeze the module (torch.jit.freeze), trace it, or export it"),
    NOT_IN_PLACE(
            "write it without changing memory in place and trace it anew; if the hidden state is changed by more than additions, the file as"
                    + " it is works with whole-call policies (load it and choose easycache)"),
    BATCH(
            "trace a wrapper that takes [batch, ...] and hands forward its samples by unbind(0) as a list, or the only one if it takes"
                    + " one, and returns torch.stack of the predictions"),
    GUIDANCE("trace the module without what multiplies its batch (guidance), and combine the predictions outside"),
    STACK("trace a wrapper that returns torch.stack of the list, or trace with one sample"),
    TOKENS("trace a wrapper whose blocks take [batch, tokens, channels], or export the model"),
    LATENT_SHAPE(
            "trace a wrapper that takes [batch, channels, frames, height, width], or packed tokens [batch, tokens, channels], and"
                    + " reshapes them"),
    LATENT("say which input is the latent (latent)"),
    FLOAT32("trace a wrapper that takes float32 and casts inside"),
    INPUTS("give inputs for the verification (verify-inputs)"),
    SMALLER_INPUTS("give smaller inputs for the verification (verify-inputs)");

    private final String text;

    Remedy(String text) {
        this.text = text;
    }

    /** A reason, and what can be done. */
    public String behind(String reason) {
        return reason + "; " + text;
    }
}
