package io.adacache.testkit;

/**
 * What a session must do on every engine, in chapters that each stand in a class of their own: values, neighbours, ends, misuse. Tests of
 * spans are skipped on an opaque model.
 *
 * @param <T> the engine's tensor type
 */
public abstract class SessionKit<T> extends SessionMisuse<T> {}
