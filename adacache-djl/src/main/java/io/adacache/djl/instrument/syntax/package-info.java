/** Lexer, parser and syntax tree of the language in which TorchScript archives hold their code. */
@NullMarked
package io.adacache.djl.instrument.syntax;

import org.jspecify.annotations.NullMarked;
