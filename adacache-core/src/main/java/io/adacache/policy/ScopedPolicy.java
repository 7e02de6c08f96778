package io.adacache.policy;

import io.adacache.layout.Layout;
import java.util.Optional;
import java.util.Set;

/** A policy that says where its settings were fitted. */
record ScopedPolicy(CachePolicy policy, Generation.Scope fitted) implements CachePolicy {
    @Override
    public String name() {
        return policy.name();
    }

    @Override
    public Set<Requirement> requirements() {
        return policy.requirements();
    }

    @Override
    public PolicyRun begin(Layout layout, Generation generation) {
        return policy.begin(layout, generation);
    }

    @Override
    public Optional<Generation.Scope> scope() {
        return Optional.of(fitted);
    }

    @Override
    public CachePolicy within(Generation.Scope other) {
        return new ScopedPolicy(policy, other);
    }

    @Override
    public Optional<CachePolicy> lighter() {
        return policy.lighter().map(lighter -> new ScopedPolicy(lighter, fitted));
    }

    @Override
    public CachePolicy named(String name) {
        return new ScopedPolicy(policy.named(name), fitted);
    }

    @Override
    public void check(Layout layout, Generation generation, String remedy) {
        policy.check(layout, generation, remedy);
    }

    @Override
    public String toString() {
        return policy.toString();
    }
}
