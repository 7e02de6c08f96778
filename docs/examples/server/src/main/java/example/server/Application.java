package example.server;

import com.fasterxml.jackson.core.StreamReadConstraints;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.jackson.Jackson2ObjectMapperBuilderCustomizer;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Bean;

/** A video service: one model, a bounded queue before it, and the asynchronous HTTP interface that clients of such services know. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class Application {
    private static final int MOST_CHARACTERS = 16_384;

    public static void main(String[] args) {
        SpringApplication.run(Application.class, args);
    }

    /** A request is a few words: nobody makes this process hold megabytes of one. */
    @Bean
    Jackson2ObjectMapperBuilderCustomizer smallRequests() {
        StreamReadConstraints small = StreamReadConstraints.builder()
                .maxDocumentLength(MOST_CHARACTERS)
                .maxStringLength(MOST_CHARACTERS)
                .build();
        return builder -> builder.postConfigurer(mapper -> mapper.getFactory().setStreamReadConstraints(small));
    }
}
