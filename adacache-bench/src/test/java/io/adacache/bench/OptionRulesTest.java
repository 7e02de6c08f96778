package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Options that name what is not there, that are no numbers, that have holes, or that cannot do anything: refused before work begins. */
class OptionRulesTest {
    private static final String SMALL = TestFiles.model("small.pt").toString();

    @TempDir
    Path folder;

    /** Every option of every command whose value is a number with a fraction. */
    static Stream<String> numbers() {
        return Main.commandLine().getSubcommands().entrySet().stream()
                .filter(command -> !command.getKey().equals("jmh"))
                .flatMap(command -> command.getValue().getCommandSpec().options().stream()
                        .filter(OptionRulesTest::isNumber)
                        .map(option -> command.getKey() + " " + option.longestName()))
                .distinct();
    }

    private static boolean isNumber(OptionSpec option) {
        return Stream.concat(Stream.of(option.type()), Arrays.stream(option.auxiliaryTypes()))
                .anyMatch(type ->
                        type == double.class || type == float.class || type == Double.class || type == Float.class);
    }

    @ParameterizedTest
    @MethodSource("numbers")
    void everyNumberIsFinite(String commandAndOption) {
        String[] words = commandAndOption.split(" ");
        for (String value : new String[] {"NaN", "Infinity", "-Infinity"}) {
            CommandLineRunner ran = run(Stream.concat(
                    Stream.of(words[0]),
                    Stream.concat(required(words[0], words[1]), Stream.of(words[1] + "=" + value))));
            assertThat(ran.err()).startsWith("error: " + words[1] + " is a number, but got " + value);
            assertThat(ran.exitCode()).isEqualTo(ExitCodes.WRONG_INPUT);
        }
    }

    /** What the command cannot do without, beside the option that is tried; the numbers among it are 2. */
    private static Stream<String> required(String command, String tried) {
        CommandLine line = Main.commandLine().getSubcommands().get(command);
        Stream<String> parameters = line.getCommandSpec().positionalParameters().stream()
                .filter(CommandLine.Model.ArgSpec::required)
                .map(parameter -> "1");
        Stream<OptionSpec> alone =
                line.getCommandSpec().options().stream().filter(option -> option.required() && option.group() == null);
        Stream<OptionSpec> ofGroups = line.getCommandSpec().argGroups().stream()
                .map(CommandLine.Model.ArgGroupSpec::options)
                .filter(options -> options.stream()
                        .noneMatch(option -> option.longestName().equals(tried)))
                .map(options -> options.get(0));
        return Stream.concat(
                Stream.concat(alone, ofGroups)
                        .map(OptionSpec::longestName)
                        .filter(name -> !name.equals(tried))
                        .map(name -> name + "=2"),
                parameters);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "compare --prompt red --policies ,, | nothing before or behind a comma: ',,'",
                "compare --prompt red --policies none,,every-2 | nothing before or behind a comma",
                "calibrate --psnr 30 --policy every:n=*, | nothing before or behind a comma",
                "denoise --policy every:n=2, | sets 'n' twice",
                "denoise --policy adacache:codebook=0.1:2; | '' is no codebook entry",
                "denoise --device cpu,,cpu | --device has nothing before or behind a comma",
                "compare --prompt red --steps 2, | --steps has nothing before or behind a comma",
                "generate --prompt red --format ,png | --format has nothing before or behind a comma",
                "scale --sizes 4x4x4, | --sizes has nothing before or behind a comma",
                "protocol --methods , | --methods has nothing before or behind a comma",
                "derive-codebook --rates 3;2; | --rates are whole numbers",
                "compare --prompt red --scorer =x.pt | --scorer has nothing before its '='",
            })
    void listsHaveNoHoles(String arguments, String message) {
        refused(arguments, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "record --prompt red --metric l2 | --metric does nothing without --probe",
                "paper-table 1 --measured-on me | --measured-on does nothing without --results",
                "schedule --policy none --layout latte:3 --model x.pt | --layout does nothing where --model is given",
                "denoise --guard 1 --guard-computing 2 | --guard does nothing where --guard-computing is given",
                "fit-teacache --recording a.json --steps 3 | --steps does nothing where --recording is given",
                "fit-magcache --recording a.json --runs 3 | --runs does nothing where --recording is given",
                "fit-magcache --recording a.json --model b.pt | --model does nothing where --recording is given",
                "tune-motion --prompt red --runs 3 | --runs does nothing where --prompt is given",
                "tune-motion --runs 3 | --runs does nothing for 'STDiT3-3x128'",
                "derive-codebook --prompt red --prompt blue | --runs 1 leaves out some of the 2 texts",
                "denoise --prompt red --text 5 | --text does nothing for prompts",
                "denoise --prompt red --fps 5 | --fps does nothing for prompts",
                "denoise --guidance none --scale 3 | --scale does nothing without guidance",
                "generate --prompt red --rate 3 --format png | --rate does nothing for a png",
                "generate --prompt red --rate 0 | 0.1 to 240 frames per second",
                "protocol --tuning-clips 99999 | there are only",
            })
    void whatDoesNothingIsSaid(String arguments, String message) {
        refused(arguments, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "protocol --against nobody | --against nobody is none of the methods",
                "manifest MODEL --role nobody=text | has no input 'nobody'",
                "manifest MODEL --role timestep=txet | There is no role 'txet'",
                "manifest MODEL --sampling shfit=3 | 'sampling' has no setting 'shfit'",
                "manifest MODEL --sampling sampler=nobody | Unknown sampler 'nobody'",
                "manifest MODEL --sampling guidance-calls=thrice | expected is one of batched, separate, none",
                "manifest MODEL --sampling shift=NaN | expected is a number above 0",
                "manifest MODEL --sampling shift=-1 | expected is a number above 0",
                "manifest MODEL --sampling boundary=2 | expected is a number from 0 to 1",
                "manifest MODEL --recommend every:n=2,n=3 | sets 'n' twice",
                "manifest MODEL --guidance-scale 3 | does nothing where the model has no guidance",
                "manifest MODEL --overwrite | --overwrite does nothing without --out",
                "denoise --model MODEL --guidance batched | --guidance does nothing for 'small'",
            })
    void namesAndValuesOfModelFilesAreChecked(String arguments, String message) {
        refused(arguments.replace("MODEL", SMALL), message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "inspect --model",
                "manifest",
                "explain",
                "instrument --out x.pt --in",
                "denoise --model",
                "denoise --conditioning",
                "generate --prompts",
                "replay --policies none --recording",
                "fit-teacache --recording",
                "schedule --policy none --timesteps",
                "schedule --policy none --measures",
                "queue --speedup 2 --calibration",
                "paper-table 1 --results",
                "batch --out o --jobs",
                "verify-forward --case",
                "compare --prompt red --lpips",
            })
    void aFolderInAFilesPlaceIsNamed(String command) {
        CommandLineRunner ran = run(Stream.concat(Arrays.stream(command.split(" ")), Stream.of(folder.toString())));
        assertThat(ran.err()).startsWith("error: ").contains(folder.toString()).doesNotContain("Is a directory");
        assertThat(ran.exitCode()).as(ran.err()).isEqualTo(ExitCodes.WRONG_INPUT);
    }

    @Test
    void anOpaqueModelIsRefusedWithAdvice() {
        refused("denoise --model " + TestFiles.OPAQUE, "'instrument --in");
    }

    /** The largest numbers that there are: finite themselves, but not what the model makes of them. */
    @Test
    void aLatentThatIsNoNumbersIsNoSuccess() throws IOException {
        Path model = folder.resolve("ddim.pt");
        assertThat(run(Stream.of("manifest", SMALL, "--sampling", "sampler=ddim", "--out", model.toString()))
                        .exitCode())
                .isZero();
        Path given = conditioning(Float.MAX_VALUE, "text");
        Path out = folder.resolve("latent.npy");
        String usual = " --model " + model + " --steps 12 --conditioning " + given;
        noNumbers("denoise" + usual + " --out " + out);
        noNumbers("generate" + usual + " --out " + folder.resolve("clips"));
        noNumbers("compare --policies every-2" + usual + " --out " + folder.resolve("comparison"));
        noNumbers("record" + usual + " --out " + folder.resolve("recording.json"));
        noNumbers("derive-codebook" + usual);
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactlyInAnyOrder(model, given);
        }
    }

    private void noNumbers(String command) {
        CommandLineRunner ran = run(Arrays.stream(command.split(" ")));
        assertThat(ran.err()).contains("error: The generated latent holds NaN or infinity");
        assertThat(ran.exitCode()).isEqualTo(ExitCodes.CHECK_FAILED);
    }

    @Test
    void textThatIsNoNumbersOrMeansNothingIsRefused() throws IOException {
        refused(
                "denoise --model " + SMALL + " --steps 2 --conditioning " + conditioning(Float.NaN, "text"),
                "The array 'text' in");
        refused(
                "denoise --model " + SMALL + " --steps 2 --conditioning " + conditioning(1, "txet"),
                "holds an array 'txet'");
    }

    private Path conditioning(float value, String name) throws IOException {
        Path file = folder.resolve("given.npz");
        int size = 4 * 8;
        String header = String.format("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 4, 8), }%20s\n", "");
        ByteBuffer bytes = ByteBuffer.allocate(10 + header.length() + 4 * size).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put((byte) 0x93)
                .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
                .put((byte) 1)
                .put((byte) 0);
        bytes.putShort((short) header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < size; i++) {
            bytes.putFloat(value);
        }
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry(name + ".npy"));
            zip.write(bytes.array());
        }
        return file;
    }

    private static void refused(String arguments, String message) {
        CommandLineRunner ran = run(Arrays.stream(arguments.split(" ")));
        assertThat(ran.err().lines().filter(line -> line.startsWith("error: ")))
                .as(ran.err())
                .singleElement()
                .asString()
                .contains(message);
        assertThat(ran.exitCode()).isEqualTo(ExitCodes.WRONG_INPUT);
    }

    private static CommandLineRunner run(Stream<String> arguments) {
        return CommandLineRunner.run(arguments.toArray(String[]::new));
    }
}
