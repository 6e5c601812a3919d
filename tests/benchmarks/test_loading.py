from click.testing import CliRunner

from benchmarks.loading import Loaded, main, table


def test_the_table_has_ratios_of_what_was_measured_in_the_same_round() -> None:
    rounds = [("kb", 10.0, 5.0), ("oxigraph", 20.0, 4.0), ("kb", 30.0, 6.0), ("oxigraph", 20.0, 4.0)]
    ours, peer = table([Loaded(name, seconds, processor) for name, seconds, processor in rounds])[2:]
    assert ours == "| kb | 20.0 | 5.5 | 1.00 | 1.38 |"
    assert peer == "| oxigraph | 20.0 | 4.0 | 1.00 | 1.00 |"


def test_a_system_without_its_peer_is_measured_too() -> None:
    done = CliRunner().invoke(main, ["--size", "2000", "--rounds", "1", "--systems", "kb"])
    assert done.exit_code == 0
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("| kb |")]
    seconds, processor, *ratios = [cell.strip() for cell in line.split("|")[2:-1]]
    assert float(seconds) > 0
    assert float(processor) > 0
    assert ratios == ["", ""]
