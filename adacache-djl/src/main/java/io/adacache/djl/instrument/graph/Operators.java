package io.adacache.djl.instrument.graph;

import java.util.Set;

/** What is known about operators. To teach the package a new pattern, this is the first place to look. */
final class Operators {
    /** Operators that rearrange the hidden state without changing a number; the first argument is the hidden state. */
    static final Set<String> GLUE = Set.of(
            "reshape",
            "view",
            "permute",
            "transpose",
            "contiguous",
            "flatten",
            "unflatten",
            "squeeze",
            "unsqueeze",
            "clone",
            "detach",
            "alias",
            "dropout",
            "to",
            "type_as",
            "slice",
            "swapaxes",
            "swapdims",
            "_unsafe_view",
            "_reshape_alias",
            "clamp",
            "clip",
            "nan_to_num",
            "lift_fresh");

    /** Operators that cut a tensor into a list of parts. */
    static final Set<String> SPLITS =
            Set.of("split", "split_with_sizes", "chunk", "tensor_split", "unsafe_split", "unsafe_chunk");

    /** Glue that leaves shape and order of the numbers alone. */
    static final Set<String> IDENTITY = Set.of(
            "contiguous",
            "clone",
            "detach",
            "alias",
            "dropout",
            "to",
            "type_as",
            "slice",
            "clamp",
            "clip",
            "nan_to_num",
            "lift_fresh");

    /** Operators whose result may share memory with their first argument. */
    static final Set<String> VIEWS = Set.of(
            "reshape",
            "view",
            "permute",
            "transpose",
            "contiguous",
            "flatten",
            "unflatten",
            "squeeze",
            "unsqueeze",
            "detach",
            "alias",
            "to",
            "type_as",
            "slice",
            "select",
            "narrow",
            "expand",
            "expand_as",
            "view_as",
            "chunk",
            "split",
            "split_with_sizes",
            "unbind",
            "unpack",
            "index",
            "t",
            "movedim",
            "swapaxes",
            "swapdims",
            "unfold",
            "as_strided",
            "diagonal",
            "real",
            "imag",
            "reshape_as",
            "annotate",
            "unchecked_cast",
            "tensor_split",
            "data",
            "call");

    /** Arithmetic that stays in the realm of sizes when all its arguments are sizes. */
    static final Set<String> SIZE_ARITHMETIC = Set.of(
            "NumToTensor",
            "int",
            "float",
            "bool",
            "annotate",
            "Int",
            "Float",
            "mul",
            "add",
            "sub",
            "rsub",
            "neg",
            "floor_divide",
            "floordiv",
            "div",
            "true_divide",
            "remainder",
            "pow",
            "ceil",
            "floor",
            "sqrt",
            "round",
            "trunc",
            "abs",
            "max",
            "min",
            "reciprocal",
            "len",
            "index",
            "unpack",
            "ScalarImplicit",
            "IntImplicit",
            "FloatImplicit",
            "eq",
            "ne",
            "lt",
            "gt",
            "le",
            "ge",
            "__not__",
            "__and__",
            "__or__",
            "to",
            "squeeze",
            "detach");

    /** In-place operators with a twin that differs by its name alone. */
    static final Set<String> FUNCTIONAL_TWINS = Set.of(
            "add_",
            "sub_",
            "mul_",
            "div_",
            "neg_",
            "relu_",
            "silu_",
            "sigmoid_",
            "tanh_",
            "exp_",
            "clamp_",
            "pow_",
            "sqrt_",
            "rsqrt_",
            "floor_divide_",
            "remainder_",
            "masked_fill_",
            "dropout_",
            "gelu_",
            "reciprocal_",
            "abs_",
            "floor_",
            "ceil_",
            "addcmul_",
            "addcdiv_",
            "lerp_",
            "square_",
            "log_",
            "sin_",
            "cos_",
            "nan_to_num_",
            "clip_");

    /** Weighted projections: what a residual's normalised input is fed to first. */
    static final Set<String> PROJECTIONS = Set.of(
            "linear",
            "addmm",
            "matmul",
            "mm",
            "bmm",
            "baddbmm",
            "conv1d",
            "conv2d",
            "conv3d",
            "_convolution",
            "convolution",
            "einsum",
            "addbmm",
            "_conv_depthwise2d");

    /** What a modulation is made of: {@code h + h * scale} is no residual. */
    static final Set<String> ELEMENTWISE = Set.of(
            "mul", "add", "sub", "rsub", "neg", "div", "addcmul", "to", "type_as", "unsqueeze", "expand", "expand_as");

    /** Products of two activations; one of these makes a residual an attention. */
    static final Set<String> ATTENTION_PRODUCTS = Set.of(
            "scaled_dot_product_attention", "matmul", "bmm", "baddbmm", "einsum", "_scaled_dot_product_attention_math");

    /** Operators whose result has the shape of their first tensor argument. */
    static final Set<String> SAME_SHAPE = Set.of(
            "add",
            "sub",
            "mul",
            "div",
            "layer_norm",
            "gelu",
            "silu",
            "relu",
            "tanh",
            "sigmoid",
            "dropout",
            "contiguous",
            "to",
            "clone",
            "detach",
            "alias",
            "type_as",
            "where",
            "pow",
            "exp",
            "rsqrt",
            "neg",
            "softmax",
            "clip",
            "clamp",
            "nan_to_num",
            "add_",
            "mul_",
            "zeros_like",
            "ones_like");

    private Operators() {}

    /** Whether a node is a weighted projection; a call that could not be looked into may hold one. */
    static boolean projects(Node node) {
        return PROJECTIONS.contains(node.shortOp()) || node.op().equals("call");
    }

    static boolean mutates(Node node) {
        String op = node.shortOp();
        return !node.outputs().isEmpty()
                && node.op().contains(".")
                && (op.equals("append") || op.equals("_set_item") || (op.endsWith("_") && !op.endsWith("__")));
    }
}
