"""The third reader: any OpenAI-compatible model server of one's own house, asked about one call. Off by default."""

from qa_service.endpoint.client import Endpoint
from qa_service.endpoint.reader import EndpointReader, endpoint_reader

__all__ = ["Endpoint", "EndpointReader", "endpoint_reader"]
