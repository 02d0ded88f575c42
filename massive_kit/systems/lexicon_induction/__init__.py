"""Dictionaries that a multilingual encoder brings: the words of its vocabulary, by what they mean.

Words that stand alone have vectors of what they mean (Vulic et al. 2020, "Probing Pretrained
Language Models for Lexical Semantics"); those of other scripts that lie nearest are translations as
a rule. Nothing but the encoder and text of the source language is read.
"""
