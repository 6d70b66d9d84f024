"""The least that a program on these libraries does to answer one question: MODEL CHROMA QUESTION."""

import sys

import chromadb
from chromadb.config import Settings
from sentence_transformers import SentenceTransformer

model = SentenceTransformer(sys.argv[1], device="cpu", local_files_only=True)
client = chromadb.PersistentClient(sys.argv[2], settings=Settings(anonymized_telemetry=False))
vector = model.encode(sys.argv[3], show_progress_bar=False)
collection = client.get_collection("passages", embedding_function=None)
sys.stdout.write(f"{collection.query(query_embeddings=[vector.tolist()], n_results=5)['ids']}\n")
