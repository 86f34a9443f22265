"""Writes the figures of examples and documents anew after a change of the dataset.

What is written: the suppliers' records of the example, totals and amounts of the inventory models
that cite the dataset, the arithmetic in docs/inventory-model.md, what commands print in
docs/analysing-a-model.md and docs/explaining.md, the figures of the demonstration in both READMEs,
and marked tables of docs/data.md, docs/methods.md and docs/chains.md. The tests of the documents
compute the same by other means.
"""
