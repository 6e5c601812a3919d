"""What pandas and polars make of addresses: reads them as JSON, and writes what each frame has, or the error."""

import json
import sys
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.request import urlopen

import pandas as pd
import polars as pl

#: Way to read -> function of the address.
WAYS: dict[str, Callable[[str], Any]] = {
    "pandas": pd.read_csv,
    "pandas with Accept": lambda address: pd.read_csv(address, storage_options={"Accept": "text/csv"}),
    "polars": pl.read_csv,
    "polars, scanned": lambda address: pl.scan_csv(address).collect(),
    "polars, from urllib": lambda address: pl.read_csv(BytesIO(urlopen(address).read())),
}


def found(way: str, address: str) -> dict[str, Any]:
    try:
        frame = WAYS[way](address)
    except Exception as error:  # noqa: BLE001  it is the answer
        return {"error": str(error)}
    rows = frame.values.tolist() if isinstance(frame, pd.DataFrame) else frame.rows()
    return {"columns": list(frame.columns), "types": [str(kind) for kind in frame.dtypes], "rows": rows}


json.dump([found(way, address) for way, address in json.load(sys.stdin)], sys.stdout)
