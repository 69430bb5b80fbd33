"""Real models that are far too small to be any good: random weights and a vocabulary of letters, saved to a folder."""

from __future__ import annotations

import string
from pathlib import Path

import torch
from sentence_transformers import CrossEncoder, SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertForSequenceClassification, BertModel, PreTrainedTokenizerFast

DIMENSION = 32


def save_embedder(folder: Path, prompts: dict[str, str] | None = None) -> Path:
    """A sentence-transformers model in `folder`: BERT of one layer, mean pooling, 32 numbers."""
    _save_bert(folder / "bert", BertModel, labels=1)
    modules = [Transformer(str(folder / "bert")), Pooling(DIMENSION)]
    SentenceTransformer(modules=modules, prompts=prompts, device="cpu").save(str(folder / "model"))
    return folder / "model"


def save_cross_encoder(folder: Path, labels: int = 1) -> Path:
    """A cross-encoder in `folder` that gives `labels` numbers for a pair."""
    _save_bert(folder / "bert", BertForSequenceClassification, labels)
    CrossEncoder(str(folder / "bert"), device="cpu").save_pretrained(str(folder / "model"))
    return folder / "model"


def _save_bert(folder: Path, kind: type, labels: int) -> None:
    tokenizer = _tokenizer()
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=DIMENSION, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=128, num_labels=labels, initializer_range=1.0,
    )  # fmt: skip
    torch.manual_seed(5)
    kind(config).eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _tokenizer() -> PreTrainedTokenizerFast:
    pieces = [*string.ascii_lowercase, *string.digits, *string.punctuation]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = {piece: n for n, piece in enumerate([*special, *pieces, *(f"##{piece}" for piece in pieces)])}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = [("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ends
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=128,
        **dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), special, strict=True)),
    )  # fmt: skip
