package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adacache.Footprint;
import io.adacache.bench.devices.Link;
import io.adacache.bench.devices.Simulation;
import io.adacache.bench.devices.Simulation.Row;
import io.adacache.bench.devices.Volume;
import io.adacache.bench.pipeline.DemoModel;
import io.adacache.djl.Manifest;
import io.adacache.djl.npz.NpyArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DevicesCommandTest {
    @TempDir
    private Path folder;

    private static Volume demo() {
        Manifest manifest = Manifest.read(DemoModel.copyOut());
        Footprint.Sizes sizes =
                manifest.tensorSizes(Map.of("batch", 2L, "frames", 8L, "height", 32L, "width", 32L, "text", 8L));
        return Volume.of(manifest.layout(), sizes);
    }

    @Test
    void theDivisionIsSwitchedTwiceForEachTemporalBlock() {
        Volume volume = demo();
        assertThat(volume.switches()).isEqualTo(6);
        assertThat(volume.joint()).isZero();
        assertThat(volume.computed(1)).isZero();
        assertThat(volume.computed(4)).isEqualTo((6.0 * volume.hidden() + volume.prediction()) * 3 / 4);
        assertThat(volume.reused(4)).isEqualTo(volume.prediction() * 3.0 / 4);
    }

    /** Where transfers are the larger part of a computed step, a reused step, which has next to none, gains more than on one device. */
    @Test
    void whereTransfersPrevailTheSpeedUpDoesNotFall() {
        // Open-Sora's proportions: 28 temporal blocks, and a prediction that is a 36th of the hidden state.
        Volume volume = new Volume(56, 0, 110_000_000, 3_000_000);
        Simulation simulation = new Simulation(volume, new Link("slow", 1e9, 1e-5), 30, 10, 1, 0.01, 0);
        double alone = simulation.rows(List.of(1)).get(0).speedUp();
        assertThat(simulation.rows(List.of(2, 4, 8))).allSatisfy(row -> {
            assertThat(row.transfer()).isGreaterThan(0.5);
            assertThat(row.speedUp()).isGreaterThan(alone);
        });
    }

    @Test
    void oneDeviceMovesNothing() {
        Row row = new Simulation(demo(), new Link("any", 1e9, 1e-5), 30, 12, 2, 0.01, 6)
                .rows(List.of(1))
                .get(0);
        assertThat(row.transfer()).isZero();
        assertThat(row.plain()).isCloseTo(66, within(1e-9));
        assertThat(row.cached()).isCloseTo(6 + 24 + 0.18, within(1e-9));
    }

    @Test
    void theCommandSaysThatSecondsAreSimulated() {
        CommandLineRunner run = CommandLineRunner.run(
                "devices",
                "--model",
                DemoModel.copyOut().toString(),
                "--frames",
                "8",
                "--height",
                "32",
                "--width",
                "32",
                "--steps",
                "30",
                "--computed",
                "10",
                "--step",
                "1");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("SIMULATED").contains("speed-up");
    }

    /** A model of the tests, and the trained ones: guidance in two calls, and in one batch of two rows. */
    @ParameterizedTest
    @CsvSource({"wan-tiny.pt,3,frames", "demo,2,frames", "joint,2,frames", "joint,2,rows", "wan,2,frames"})
    void membersOnOneDeviceMakeTheSameClip(String name, String members, String divided) throws IOException {
        String model = name.endsWith(".pt") ? TestFiles.model(name).toString() : name;
        float[] alone = denoised(model);
        float[] shared = denoised(model, "--shards", members, "--divide", divided);
        double most = 0;
        double apart = 0;
        for (int i = 0; i < alone.length; i++) {
            most = Math.max(most, Math.abs(alone[i]));
            apart = Math.max(apart, Math.abs(shared[i] - alone[i]));
        }
        assertThat(apart).isLessThan(1e-5 * most);
    }

    @Test
    void severalDevicesAndMembersOnOneExcludeEachOther() {
        CommandLineRunner wrong = CommandLineRunner.run(
                "denoise",
                "--model",
                TestFiles.model("wan-tiny.pt").toString(),
                "--device",
                "cpu,cpu",
                "--shards",
                "2");
        assertThat(wrong.exitCode()).isNotZero();
        assertThat(wrong.err()).contains("leave out --shards");
    }

    private float[] denoised(String model, String... more) throws IOException {
        Path out = folder.resolve("latent.npy");
        List<String> arguments = new ArrayList<>(List.of(
                "denoise",
                "--model",
                model,
                "--frames",
                "4",
                "--height",
                "8",
                "--width",
                "8",
                "--steps",
                "5",
                "--policy",
                "every-2",
                "--out",
                out.toString()));
        arguments.addAll(List.of(more));
        CommandLineRunner ran = CommandLineRunner.run(arguments.toArray(String[]::new));
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out()).contains("3 computed, 2 reused");
        float[] latent = NpyArray.parse(Files.readAllBytes(out), "latent").floats();
        Files.delete(out);
        return latent;
    }
}
