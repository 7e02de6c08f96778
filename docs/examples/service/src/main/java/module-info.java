/** A service that is a module itself, and adds a policy of its own. On the class path, META-INF/services says the same. */
module example.service {
    requires io.adacache.djl;
    requires org.slf4j;

    exports example.service;

    provides io.adacache.policy.PolicyProvider with
            example.service.EveryOther;
}
