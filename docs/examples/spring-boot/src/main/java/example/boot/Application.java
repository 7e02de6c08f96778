package example.boot;

import example.service.Denoising;
import io.adacache.CacheStats;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** The same service in Spring Boot: one model for the application, closed with it; the policy is a line of configuration. */
@SpringBootApplication
public class Application {
    public static void main(String[] args) {
        SpringApplication.run(Application.class, args).close();
    }

    @Bean
    Denoising denoising(@Value("${model}") Path model) {
        return new Denoising(model);
    }

    /** Stands for a controller: generations run on the common pool, whose threads have another class loader than the fat jar's. */
    @Bean
    CommandLineRunner requests(Denoising denoising, @Value("${policies}") List<String> policies) {
        return args -> {
            for (String policy : policies) {
                CacheStats stats = CompletableFuture.supplyAsync(() -> denoising.generate(policy), ForkJoinPool.commonPool())
                        .join();
                if (stats.reusedSteps() == 0 || stats.computedSteps() == 0) {
                    throw new IllegalStateException(policy + ": expected computed and reused steps, but got " + stats);
                }
                System.out.println(policy + ": " + stats.computedSteps() + " computed, " + stats.reusedSteps() + " reused");
            }
        };
    }
}
